import { parseKey } from '../../../../core/kube/object.ts';
import { describe, isEvent, isSelected, offsetOf, watchChecker } from './observed.ts';

/** etcd's Filter: no event that the watch did not ask for: of another resource, from another namespace, without the label, which the last state of what is deleted has, too. */
export const filtered = watchChecker('filtered', function* ({ observation, watched, replay }) {
  for (const frame of watched.frames.filter(isEvent)) {
    const version = replay.versionAt(offsetOf(frame));
    const isOther = version !== undefined && parseKey(version.key).resource !== observation.resource;
    if (isOther || !isSelected(observation, frame.object)) yield `got ${describe(frame)}, which it did not ask for`;
  }
});
