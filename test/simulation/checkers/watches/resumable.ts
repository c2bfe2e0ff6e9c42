import { describe, isEvent, offsetOf, watchChecker } from './observed.ts';

/** etcd's Resumable: a watch that goes on behind a resourceVersion begins with the first event behind it. */
export const resumable = watchChecker('resumable', function* ({ watched, expected }) {
  const first = watched.frames.find(isEvent);
  const want = expected.find(({ offset }) => offset > watched.after);
  if (first && offsetOf(first) !== want?.offset) yield `went on behind ${watched.after} with ${describe(first)}, not with ${describe(want)}`;
});
