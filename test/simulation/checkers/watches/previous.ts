import { same } from '../../../../core/kube/object.ts';
import { shown, withoutManagers } from '../../managers.ts';
import { describe, isEvent, offsetOf, watchChecker } from './observed.ts';

/** etcd's PrevKV: kube-apiserver asks for the value before, to tell of what is deleted as it was last, under the resourceVersion of its deletion. So does this. */
export const previous = watchChecker('previous', function* ({ watched, expected }) {
  const byOffset = new Map(expected.map((want) => [want.offset, want]));
  for (const frame of watched.frames.filter(isEvent)) {
    const want = byOffset.get(offsetOf(frame));
    if (frame.type !== 'DELETED' || want?.type !== 'DELETED' || same(shown(want.object), withoutManagers(frame.object))) continue;
    yield `got ${describe(frame)}, which was not so before: ${JSON.stringify(frame.object)}, not ${JSON.stringify(want.object)}`;
  }
});
