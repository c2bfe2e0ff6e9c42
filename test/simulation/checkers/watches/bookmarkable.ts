import { describe, isEvent, offsetOf, watchChecker } from './observed.ts';

/** etcd's Bookmarkable, of its progress notifications: all up to a bookmark has been delivered before it (API concepts, "Watch bookmarks"). */
export const bookmarkable = watchChecker('bookmarkable', function* ({ watched, before, expected, segment }) {
  // A watch that goes on from a bookmark owes nothing up to it: all watches of a segment are looked at together.
  if (watched !== segment.watches.at(-1)) return;
  let bookmark = segment.from;
  let last = segment.from;
  let owed = 0;
  const delivered = new Set<number>();
  for (const frame of [...before, ...watched.frames]) {
    const offset = offsetOf(frame);
    if (isEvent(frame)) {
      delivered.add(offset);
      if (offset <= bookmark) yield `got ${describe(frame)} after a bookmark of ${bookmark}`;
    } else {
      if (offset < last) yield `got a bookmark of ${offset} after ${last}`;
      for (; owed < expected.length && expected[owed]!.offset <= offset; owed++)
        if (!delivered.has(expected[owed]!.offset)) yield `got a bookmark of ${offset} before ${describe(expected[owed])}`;
      bookmark = offset;
    }
    last = offset;
  }
});
