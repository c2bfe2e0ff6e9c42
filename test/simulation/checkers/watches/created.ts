import { describe, isEvent, offsetOf, watchChecker } from './observed.ts';

/** etcd's IsCreate: ADDED is what was not there before, to this observer, and MODIFIED what was. */
export const created = watchChecker('created', function* ({ watched, expected }) {
  const byOffset = new Map(expected.map((want) => [want.offset, want]));
  for (const frame of watched.frames.filter(isEvent)) {
    const want = byOffset.get(offsetOf(frame));
    if (want && (want.type === 'ADDED') !== (frame.type === 'ADDED')) yield `got ${describe(frame)} for ${describe(want)}`;
  }
});
