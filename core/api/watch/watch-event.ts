import type { KubeObject } from '../../kube/object.ts';
import { own, ownershipIn } from '../../managed-fields/ownership.ts';
import type { Change } from '../../state/change.ts';
import { matches, type Selection } from '../query/selection.ts';

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** As it is kept. */
  readonly object: KubeObject;
}

/**
 * What a change is to a watch that sees only what is selected: an object that begins to match is ADDED, one that no longer does is DELETED, as it was
 * when it last matched. Nothing when it is of no concern.
 */
export function watchEventOf(change: Change, selection: Selection): WatchEvent | undefined {
  const { groupResource } = selection.target.storage;
  if (!change.key.startsWith(groupResource) || change.key[groupResource.length] !== '/') return undefined;
  const { type, object, previous } = change;
  if (type === 'DELETED') return matches(object, selection) ? { type, object } : undefined;
  const before = previous !== undefined && matches(previous, selection);
  if (matches(object, selection)) return { type: before ? 'MODIFIED' : 'ADDED', object };
  if (!before) return undefined;
  const last = { ...previous, metadata: { ...previous.metadata, resourceVersion: String(change.offset) } };
  return { type: 'DELETED', object: own(last, ownershipIn(previous)) };
}
