import type { Offset } from '../log/log.ts';
import type { GroupResource, Key, KubeObject } from '../object.ts';

/**
 * The state of a cluster as somebody may read it: the live projection, the projection at an earlier offset, or a projection with
 * changes laid over it that are not appended yet. Objects are shared: never change one in place.
 */
export interface State {
  /** The last event that this state contains. */
  readonly offset: Offset;
  get<T extends KubeObject = KubeObject>(resource: GroupResource, namespace: string | undefined, name: string): T | undefined;
  /** All objects of a resource (in one namespace, when given), ordered by `namespace/name` as etcd orders its keys. */
  list<T extends KubeObject = KubeObject>(resource: GroupResource, namespace?: string): readonly T[];
  /** The keys under which an index has `value`, in no particular order. */
  keys(index: IndexName, value: string): readonly Key[];
  /** The objects under which an index has `value`, in no particular order. */
  by<T extends KubeObject = KubeObject>(index: IndexName, value: string): readonly T[];
}

/** The indexes of a projection: what value(s) an object has in each. Derived from the key and the object alone. */
export const indexes = {
  /** The one object with this uid. */
  uid: (_key: Key, object: KubeObject) => (object.metadata.uid ? [object.metadata.uid] : []),
  /** The dependents of the owner with this uid (of every resource). */
  owner: (_key: Key, object: KubeObject) => object.metadata.ownerReferences?.map((ref) => ref.uid) ?? [],
  /** The pods bound to the node with this name; those bound to none stand under ''. */
  node: (key: Key, object: KubeObject) => (key.startsWith('pods/') ? [(object.spec?.nodeName as string | undefined) ?? ''] : []),
  /** Everything in the namespace with this name (of every resource). */
  namespace: (_key: Key, object: KubeObject) => (object.metadata.namespace ? [object.metadata.namespace] : []),
} satisfies Record<string, (key: Key, object: KubeObject) => readonly string[]>;

export type IndexName = keyof typeof indexes;

/** One event, folded: what a watch, a reconciler and a view of the past need to know of it. */
export interface Change {
  readonly offset: Offset;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly key: Key;
  /** The object after the event, its resourceVersion the event's offset; of a deleted one, its last state. */
  readonly object: KubeObject;
  /** The object before the event; none when ADDED. */
  readonly previous?: KubeObject;
  readonly actor: string;
  readonly cause?: Offset;
  /** When it was appended, ms since the epoch. */
  readonly time: number;
}
