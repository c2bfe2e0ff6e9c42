import type { MergePatch } from '../kube/merge-patch.ts';
import type { Key, KubeObject } from '../kube/object.ts';
import type { User } from '../kube/user.ts';
import type { FieldSet } from '../managed-fields/field-set.ts';
import type { ManagedEntry } from '../managed-fields/managed-entry.ts';

/** A position in the log. The first event has offset 1; 0 stands before it. An object's `resourceVersion` is an offset. */
export type Offset = number;

/** What happened to one object. The object of a MODIFIED event is the one before it with `patch` applied; one that a merge patch cannot make, as it holds a null, is written whole. */
export type LogEvent = Origin &
  (
    | { readonly type: 'ADDED'; readonly key: Key; readonly object: KubeObject }
    | { readonly type: 'MODIFIED'; readonly key: Key; readonly patch: MergePatch }
    | { readonly type: 'MODIFIED'; readonly key: Key; readonly object: KubeObject }
    | { readonly type: 'DELETED'; readonly key: Key }
  );

interface Origin {
  /** The user who wrote it, such as `system:kube-scheduler`. */
  readonly actor: User;
  /** The offset of the event that this one answers to, when a reconciler wrote it. */
  readonly cause?: Offset;
  /** As which field manager; none: who owns what stays as it is. */
  readonly manager?: FieldManager;
  /** The fields of the change that its manager does not come to own, with all that is below them: the server set them. */
  readonly unowned?: FieldSet;
  /** Of an apply, what was applied. */
  readonly applied?: FieldSet;
  /** Who owns what from now on, where that does not follow from the rest. */
  readonly managedFields?: readonly ManagedEntry[];
  /** Of a binding, why the pod was put there. It is told to who reads the log, and is no part of any state. */
  readonly placement?: PlacementReasons;
}

/** Why a scheduler has put a pod on its node, bounded: it stands in the log for every pod. */
export interface PlacementReasons {
  /** The nodes that were not to be had, as far as they were looked at: which plugin said what, of how many, and the names of the first. */
  readonly filtered?: readonly (readonly [plugin: string, reason: string, nodes: number, ...names: string[]])[];
  /** The best of the others, the first of them being the pod's, with their scores. */
  readonly best?: readonly (readonly [node: string, score: number])[];
}

/** A field manager, and the way in which it writes (API concepts, "Field management"). */
export interface FieldManager {
  readonly name: string;
  /** An update, unless it says otherwise. */
  readonly operation?: 'Apply';
  /** Where that is not the version in which the object is stored. */
  readonly apiVersion?: string;
  readonly subresource?: string;
}
