import { describe, isEvent, offsetOf, watchChecker } from './observed.ts';

/**
 * etcd's Atomic: all that happened at one revision comes at once. Here one thing happens at a resourceVersion, to one object, and is told by one frame
 * (an object that is replaced, or leaves a selection, is one event, too): so two frames never share one, and no watch ends within a frame.
 */
export const atomic = watchChecker('atomic', function* ({ watched }) {
  const events = watched.frames.filter(isEvent);
  for (const [i, frame] of events.entries()) {
    const before = events[i - 1];
    const shared = before && offsetOf(before) === offsetOf(frame) && before.object.metadata.uid !== frame.object.metadata.uid;
    if (shared) yield `got ${describe(frame)} apart from ${describe(before)}`;
  }
  if (watched.torn) yield `got a part of a frame after ${describe(watched.frames.at(-1))}`;
});
