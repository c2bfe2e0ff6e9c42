import { same } from '../../../../core/kube/object.ts';
import { shown, withoutManagers } from '../../managers.ts';
import { describe, isEvent, offsetOf, watchChecker } from './observed.ts';

/** etcd's Reliable: between two events that are delivered none is left out, and each is as the log has it. */
export const reliable = watchChecker('reliable', function* ({ watched, expected }) {
  const events = watched.frames.filter(isEvent);
  const [first, last] = [events[0], watched.frames.at(-1)];
  if (!first || !last) return;
  const got = new Map(events.map((frame) => [offsetOf(frame), frame]));
  for (const want of expected) {
    if (want.offset < offsetOf(first) || want.offset > offsetOf(last)) continue;
    const frame = got.get(want.offset);
    if (!frame) yield `got ${describe(first)} and ${describe(last)}, and not ${describe(want)}`;
    else if ((frame.type === 'DELETED') !== (want.type === 'DELETED')) yield `got ${describe(frame)} for ${describe(want)}`;
    // What a deletion tells of the object is the business of `previous`.
    else if (want.type !== 'DELETED' && !same(shown(want.object), withoutManagers(frame.object)))
      yield `got another ${describe(frame)} than the log has: ${JSON.stringify(frame.object)}`;
    got.delete(want.offset);
  }
  for (const frame of got.values()) yield `got ${describe(frame)}, which the log does not have for it`;
});
