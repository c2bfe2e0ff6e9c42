import type { Fields } from '../kube/fields.ts';
import type { GroupResource, Key, KubeObject } from '../kube/object.ts';
import type { FieldManager, PlacementReasons } from '../log/event.ts';
import type { Binding } from '../schema/generated/kinds.ts';
import type { Exact, KindOf } from '../schema/kind-of.ts';

/** What a client or a reconciler wants changed. `decide` (decide.ts) turns it into events, by the same rules for both. */
export type Mutation = CreateMutation | UpdateMutation | ApplyMutation | DeleteMutation | BindMutation;

export interface CreateMutation<R extends GroupResource = GroupResource> {
  readonly type: 'create';
  readonly resource: R;
  /** In the version that the resource is kept in. `metadata.name` or `metadata.generateName` is set, and the namespace where there is one. */
  readonly object: KindOf<R>;
  /** Who owns the fields then; by itself, the component that the actor is. */
  readonly manager?: FieldManager;
  /** It comes of a request that names the object in its path (a PUT, an apply), not in a collection. */
  readonly named?: true;
  /** It tells of changes of these objects that are wanted with it (an Event), and is left out where none of them comes about (reconcile/apply.ts). */
  readonly tellsOf?: readonly Key[];
}

export interface UpdateMutation<R extends GroupResource = GroupResource> {
  readonly type: 'update';
  readonly resource: R;
  /** The whole object as it should be. A set `metadata.resourceVersion` (but "0") or `metadata.uid` is a precondition; leave it out to apply to the newest state. */
  readonly object: KindOf<R>;
  /** `status`: only status (and some metadata) is taken from `object`. Others: as the resource defines. */
  readonly subresource?: 'status' | 'finalize' | 'resize' | 'ephemeralcontainers' | 'approval';
  /**
   * A client's PUT or PATCH: the object is whole, what it leaves out is to go. By the rules of its kind it may create the object, or must name a
   * version (`Strategy.createOnUpdate`, `unconditionalUpdate`).
   */
  readonly replace?: true;
  /** A PATCH: another uid in its object is no precondition, but a change of what cannot change. */
  readonly patched?: true;
  /** Through its scale: admission sees that. */
  readonly scaled?: true;
  readonly manager?: FieldManager;
}

/** A configuration, to be laid over what is there (API concepts, "Server-side apply"); the object is created where there is none. */
export type ApplyMutation = ConfigurationOf<UpdateMutation['subresource']> | ConfigurationOf<'scale'>;

interface ConfigurationOf<S extends string | undefined> {
  readonly type: 'apply';
  readonly resource: GroupResource;
  readonly namespace?: string;
  readonly name: string;
  /** As it was sent, in the version of the manager. */
  readonly config: Fields;
  readonly manager: FieldManager & { readonly operation: 'Apply' };
  /** Takes over what belongs to other managers. */
  readonly force: boolean;
  /** `scale`: the configuration is of a Scale. */
  readonly subresource?: S;
}

/** The creation of an object, which is held against the type of the resource's objects: a field that they do not have does not compile. */
export const creation = <R extends GroupResource, T extends KindOf<R>>(resource: R, object: T & Exact<T, KindOf<R>>): CreateMutation<R> => ({
  type: 'create',
  resource,
  object,
});

/** An update, held against it likewise. */
export const update = <R extends GroupResource, T extends KindOf<R>>(
  resource: R,
  object: T & Exact<T, KindOf<R>>,
  subresource?: UpdateMutation['subresource'],
): UpdateMutation<R> => ({
  type: 'update',
  resource,
  ...(subresource && { subresource }),
  object,
});

export interface DeleteMutation {
  readonly type: 'delete';
  readonly resource: GroupResource;
  readonly namespace?: string;
  readonly name: string;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  /** The pod is evicted, as far as its budget allows: admission sees this Eviction (decide/evict.ts). */
  readonly eviction?: KubeObject;
}

/** Assigns a pod to a node: the `binding` subresource of pods, or a Binding in the collection of them. */
export interface BindMutation {
  readonly type: 'bind';
  readonly resource: 'pods' | 'bindings';
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  /** A precondition: the pod must be this one still. */
  readonly uid?: string;
  /** As a client sent it, where that says more. */
  readonly binding?: Binding;
  /** Why there, for the log. */
  readonly placement?: PlacementReasons;
}
