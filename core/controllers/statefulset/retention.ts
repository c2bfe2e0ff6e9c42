import { controllerRef, type KubeObject, type OwnerReference } from '../../kube/object.ts';
import type { PersistentVolumeClaim, Pod, StatefulSet } from '../../schema/generated/kinds.ts';
import { ordinalOf, ordinalRange } from './identity.ts';

interface Owners {
  readonly set: StatefulSet;
  readonly pod: Pod;
}

/**
 * The claim with the owners that `spec.persistentVolumeClaimRetentionPolicy` gives it: it goes with the set when that is deleted, or with its pod when that is scaled
 * away. The same claim when they are right, or when a successor of the set or the pod finds it: the garbage collector takes that one
 * (isClaimOwnerUpToDate and updateClaimOwnerRefForSetAndPod in stateful_set_utils.go).
 */
export function retained(claim: PersistentVolumeClaim, { set, pod }: Owners): PersistentVolumeClaim {
  const references = claim.metadata.ownerReferences ?? [];
  if (isOfPredecessor(claim, set) || isOfPredecessor(claim, asPod(pod))) return claim;
  const ours = ({ uid }: OwnerReference) => uid === set.metadata.uid || uid === pod.metadata.uid;
  const others = references.filter((reference) => !ours(reference));
  const wanted = hasConflictingController(claim, { set, pod }) ? [] : ownersOf({ set, pod }).map(controllerRef);
  const present = references.filter(ours);
  const right = present.length === wanted.length && present.every(({ uid, controller }) => controller && wanted.some((reference) => reference.uid === uid));
  if (right) return claim;
  const owners = [...others, ...wanted];
  const { ownerReferences: _, ...metadata } = claim.metadata;
  return { ...claim, metadata: { ...metadata, ...(owners.length > 0 && { ownerReferences: owners }) } };
}

/** Whether another controller has the claim: the policy does not hold for it then. */
export function hasConflictingController(claim: PersistentVolumeClaim, { set, pod }: Owners): boolean {
  const { whenDeleted, whenScaled } = policyOf(set);
  if (whenDeleted === 'Retain' && whenScaled === 'Retain') return false;
  const references = claim.metadata.ownerReferences ?? [];
  return references.some((reference) => !names(reference, set) && !names(reference, asPod(pod)) && reference.controller);
}

/** Whether the claim is that of an earlier pod of this name, with which it goes: the next pod waits for a new one. */
export const isStale = (claim: PersistentVolumeClaim, { set, pod }: Owners): boolean =>
  policyOf(set).whenScaled === 'Delete' && isOfPredecessor(claim, asPod(pod));

/** With which of them the claim is to go. */
function ownersOf({ set, pod }: Owners): KubeObject[] {
  const { whenDeleted, whenScaled } = policyOf(set);
  const { start, end } = ordinalRange(set);
  const scaledAway = ordinalOf(pod) < start || ordinalOf(pod) >= end;
  if (scaledAway && whenScaled === 'Delete') return [asPod(pod)];
  return whenDeleted === 'Delete' ? [set] : [];
}

const isOfPredecessor = ({ metadata: { ownerReferences = [] } }: PersistentVolumeClaim, owner: KubeObject): boolean =>
  ownerReferences.some((reference) => names(reference, owner) && reference.uid !== owner.metadata.uid);

const names = ({ apiVersion, kind, name }: OwnerReference, owner: KubeObject): boolean =>
  apiVersion === owner.apiVersion && kind === owner.kind && name === owner.metadata.name;

const policyOf = ({ spec }: StatefulSet) => {
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } = spec!.persistentVolumeClaimRetentionPolicy ?? {};
  return { whenDeleted, whenScaled };
};

/** One that is yet to be created has no kind. */
const asPod = (pod: Pod): Pod => ({ ...pod, apiVersion: 'v1', kind: 'Pod' });
