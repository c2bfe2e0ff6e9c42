import { describe, isEvent, offsetOf, watchChecker } from './observed.ts';

/** etcd's Ordered: resourceVersions never go back, also not from one watch to the one that goes on from there. */
export const ordered = watchChecker('ordered', function* ({ watched, before, segment }) {
  let last = before.filter(isEvent).reduce((highest, frame) => Math.max(highest, offsetOf(frame)), segment.from);
  for (const frame of watched.frames.filter(isEvent)) {
    if (offsetOf(frame) < last) yield `got ${describe(frame)} after ${last}`;
    last = Math.max(last, offsetOf(frame));
  }
});
