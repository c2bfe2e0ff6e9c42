import type { ApiResource } from '../apis/api-resource.ts';
import type { DeleteMutation } from '../apis/mutation.ts';
import type { Strategy } from '../apis/strategy.ts';
import { type KubeObject, timestamp } from '../kube/object.ts';
import { conflict, notFound } from '../kube/status.ts';
import type { Asking, Deciding, Decision } from './decision.ts';
import { Draft } from './draft.ts';
import { deleted, modified, modifiedAndDeleted, unchanged } from './events.ts';
import { admit, mutate, type Stage, through } from './stages.ts';

/** Both kinds of plugins see what is to be deleted (rest.AdmissionToValidateObjectDeleteFunc), once it is known to be the one that is meant. */
const stages: readonly Stage<KubeObject | undefined>[] = [mutate, admit];

/**
 * The end of an object, or its beginning: what has a grace period, finalizers or (a namespace) content is only marked as being deleted
 * (rest/delete.go, BeforeDelete; generic/registry/store.go, Delete). Throws 403, 404, 409.
 */
export function decideDelete(mutation: DeleteMutation, resource: ApiResource, context: Deciding): Decision | Asking {
  const { name } = mutation;
  const namespace = resource.namespaced ? mutation.namespace : undefined;
  const old = context.state.get(resource.storedAs, namespace, name);
  if (!old) throw notFound(resource, name);
  checkPreconditions(old, mutation, resource);
  const options = { ...context.options, ...optionsOf(mutation) };
  const draft = new Draft({ operation: 'DELETE', resource, subresource: undefined, namespace, name, object: undefined, old }, { ...context, options });
  return through(stages, draft) ?? end({ old, ending: old, mutation, draft });
}

/** Ends an object once that is admitted. `ending`: as it is to be while it ends, but for the marks of its deletion. */
export function end({ old, ending, mutation, draft }: { old: KubeObject; ending: KubeObject; mutation: DeleteMutation; draft: Deletion }): Decision {
  const { resource } = draft;
  const { strategy } = resource;
  const finalizers = finalizersFor(ending, { policy: mutation.propagationPolicy, fallback: strategy.defaultPropagation });
  if (strategy.pendingDeletion?.(old)) return beginWithoutGrace(old, finalizers, draft);

  if (!isGraceful(ending, resource))
    return finalizers.length > 0 ? modified(marked(ending, { ...atOnce(ending, draft), finalizers }, draft), old, draft) : deleted(ending, draft);
  const deletion = gracefulDeletion(ending, mutation.gracePeriodSeconds, draft);
  // "Finalizers cannot be updated via DeleteOptions if a deletion is already pending" (store.go).
  if (deletion === 'pending') return modified(ending, old, draft);
  const marking = marked(ending, { ...deletion, finalizers }, draft);
  return finalizers.length > 0 || deletion.deletionGracePeriodSeconds > 0 ? modified(marking, old, draft) : modifiedAndDeleted(marking, old, draft);
}

const optionsOf = ({ gracePeriodSeconds, propagationPolicy, preconditions }: DeleteMutation) => ({
  ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
  ...(propagationPolicy && { propagationPolicy }),
  ...(preconditions && { preconditions }),
});

export function checkPreconditions(previous: KubeObject, { preconditions }: DeleteMutation, resource: ApiResource): void {
  if (!preconditions) return;
  const { group, kind, strategy } = resource;
  const { name, uid, resourceVersion } = previous.metadata;
  // The storage of such a kind compares them itself, in other words (registry/core/namespace/storage).
  if (strategy.pendingDeletion) {
    checkOwnPreconditions(previous, preconditions, resource);
    return;
  }
  const of = { group, resource: kind };
  if (preconditions.uid && preconditions.uid !== uid) {
    throw conflict(
      of,
      name,
      `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  }
  if (preconditions.resourceVersion && preconditions.resourceVersion !== resourceVersion) {
    throw conflict(
      of,
      name,
      `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
  }
}

function checkOwnPreconditions(
  { metadata }: KubeObject,
  { uid = metadata.uid, resourceVersion = metadata.resourceVersion }: NonNullable<DeleteMutation['preconditions']>,
  resource: ApiResource,
): void {
  const failed = (what: string, wanted: string, found: string) =>
    conflict(resource, metadata.name, `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${found}`);
  if (uid !== metadata.uid) throw failed('UID', uid!, metadata.uid!);
  if (resourceVersion !== metadata.resourceVersion) throw failed('ResourceVersion', resourceVersion!, metadata.resourceVersion!);
}

type Deletion = Draft<KubeObject | undefined>;

interface Marks {
  readonly deletionTimestamp: string;
  readonly deletionGracePeriodSeconds: number;
}

/** No time later than this can be written (RFC 3339), however long a client wants to wait. */
const LATEST = Date.parse('9999-12-31T23:59:59Z');

/** Whether the object has a time to end in, and that is not over: its deletion then shows in the object itself before it goes, even one that takes no time. */
const isGraceful = ({ metadata: { deletionTimestamp, deletionGracePeriodSeconds } }: KubeObject, { strategy }: ApiResource): boolean =>
  strategy.gracePeriodSeconds !== undefined && (deletionTimestamp === undefined || (deletionGracePeriodSeconds ?? 0) > 0);

/** The marks of what only finalizers hold (markAsDeleting): a time to come is brought forward to now, one that is past stays. */
function atOnce({ metadata: { deletionTimestamp } }: KubeObject, { now }: Deletion): Marks {
  const isPast = deletionTimestamp !== undefined && Date.parse(deletionTimestamp) <= now;
  return { deletionTimestamp: isPast ? deletionTimestamp : timestamp(now), deletionGracePeriodSeconds: 0 };
}

/** When the object is to be gone. `pending`: its deletion goes on as it was asked for before, for it can only be made shorter. */
function gracefulDeletion(previous: KubeObject, asked: number | undefined, { resource, now }: Deletion): Marks | 'pending' {
  const { deletionTimestamp, deletionGracePeriodSeconds: current = 0 } = previous.metadata;
  const requested = asked !== undefined && asked < 0 ? 1 : asked;
  if (!deletionTimestamp) {
    const grace = Math.min(resource.strategy.gracePeriodSeconds!(previous, requested), Math.floor((LATEST - now) / 1000));
    return { deletionTimestamp: timestamp(now + grace * 1000), deletionGracePeriodSeconds: grace };
  }
  if (requested === undefined || requested >= current) return 'pending';
  const began = Date.parse(deletionTimestamp) - current * 1000;
  return { deletionTimestamp: timestamp(began + requested * 1000), deletionGracePeriodSeconds: requested };
}

/** A namespace: its own controller lets it go, as soon as nothing is in it (registry/core/namespace/storage, Delete). */
function beginWithoutGrace(previous: KubeObject, finalizers: readonly string[], draft: Deletion): Decision {
  if (previous.metadata.deletionTimestamp) return unchanged(previous, draft);
  return modified(marked(previous, { deletionTimestamp: timestamp(draft.now), finalizers }, draft), previous, draft);
}

function marked(previous: KubeObject, { finalizers, ...marks }: Partial<Marks> & { finalizers: readonly string[] }, { resource, now }: Deletion): KubeObject {
  const { finalizers: _, ...metadata } = previous.metadata;
  const isFirst = metadata.deletionTimestamp === undefined;
  const object: KubeObject = { ...previous, metadata: { ...metadata, ...(finalizers.length > 0 && { finalizers: [...finalizers] }), ...marks } };
  // To controllers the object is another one from now on, but to those that a deletion waits for by itself.
  if (isFirst && object.metadata.generation && !resource.strategy.pendingDeletion) object.metadata.generation++;
  if (isFirst) resource.strategy.markDeleted?.(object, now);
  return object;
}

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/**
 * How dependents are to be treated is kept as a finalizer of the deleted object, for the garbage collector. What the deletion says goes
 * before what the object says, and that before the kind's default (deletionFinalizersForGarbageCollection).
 */
function finalizersFor(
  { metadata: { finalizers = [] } }: KubeObject,
  { policy, fallback }: { policy: DeleteMutation['propagationPolicy']; fallback: Strategy['defaultPropagation'] },
): readonly string[] {
  const said = finalizers.includes(ORPHAN) || finalizers.includes(FOREGROUND);
  const wanted = fallback === 'Unsupported' ? fallback : (policy ?? (said ? undefined : fallback));
  if (wanted === undefined) return finalizers;
  const others = finalizers.filter((name) => name !== ORPHAN && name !== FOREGROUND);
  if (wanted === 'Orphan') return [...others, ORPHAN];
  return wanted === 'Foreground' ? [...others, FOREGROUND] : others;
}
