import type { ClusterInstant } from '../instant.ts';
import type { GroupResource, Key, KubeObject } from '../kube/object.ts';
import type { User } from '../kube/user.ts';
import type { FieldManager, Offset } from '../log/event.ts';
import type { KindOf } from '../schema/kind-of.ts';

/** One event, folded: what a watch, a reconciler, a view and a reader of the past need to know of it. */
export interface Change<T extends KubeObject = KubeObject> {
  readonly offset: Offset;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly key: Key;
  /** The object after the event, its resourceVersion the event's offset; of a deleted one, its last state. */
  readonly object: T;
  /** The object before the event; none when ADDED. */
  readonly previous?: T;
  readonly actor: User;
  readonly cause?: Offset;
  /** As which field manager it was written; none: the server set it, or it was deleted. */
  readonly manager?: FieldManager;
  /** When it was appended. */
  readonly time: ClusterInstant;
}

/** Whether an object of this resource changed. */
export const isOf = <R extends GroupResource>(change: Change, resource: R): change is Change<KindOf<R>> =>
  change.key[resource.length] === '/' && change.key.startsWith(resource);

/** When an entry is appended: cluster time, and by how many whole minutes that is ahead of the writer's wall clock. */
export interface Stamp {
  readonly time: ClusterInstant;
  readonly aheadMinutes?: number | undefined;
}
