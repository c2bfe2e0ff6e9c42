import { isFields } from '../kube/fields.ts';
import { diff } from '../log/patch.ts';
import type { Change } from '../state/change.ts';

/**
 * The paths of the fields that a change changed, such as `spec.replicas` or `metadata.labels.app`; a list counts as one field. Of an object that came or went: none, as
 * all of it did.
 */
export function changedPaths({ type, previous, object }: Change): string[] {
  if (type !== 'MODIFIED' || !previous) return [];
  const patch = diff(previous, object);
  return patch ? leaves(patch) : [];
}

function leaves(patch: object, at = ''): string[] {
  return Object.entries(patch).flatMap(([name, value]) => {
    const path = at === '' ? name : `${at}.${name}`;
    return isFields(value) && Object.keys(value).length > 0 ? leaves(value, path) : [path];
  });
}
