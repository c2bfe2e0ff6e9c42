import type { MergePatch } from '../kube/merge-patch.ts';
import type { Key, KubeObject } from '../kube/object.ts';
import type { User } from '../kube/user.ts';

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
}
