import { controllerRef, type KubeObject, type OwnerReference } from '../../kube/object.ts';
import type { PersistentVolumeClaim, Pod, StatefulSet } from '../../schema/generated/kinds.ts';
import { ordinalOf, ordinalRange } from './identity.ts';

/**
 * The claim with the owners that `spec.persistentVolumeClaimRetentionPolicy` gives it: it goes with the set when that is deleted, or with
 * its pod when that is scaled away (updateClaimOwnerRefForSetAndPod in stateful_set_utils.go). The same claim when they are right.
 */
export function retained(claim: PersistentVolumeClaim, { set, pod }: { set: StatefulSet; pod: Pod }): PersistentVolumeClaim {
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } = set.spec!.persistentVolumeClaimRetentionPolicy ?? {};
  const { start, end } = ordinalRange(set);
  const scaledAway = ordinalOf(pod) < start || ordinalOf(pod) >= end;
  const withPod = whenScaled === 'Delete' && scaledAway;
  const withSet = whenDeleted === 'Delete' && !withPod;
  const references = claim.metadata.ownerReferences ?? [];
  const owners = [
    ...references.filter(({ uid }) => uid !== set.metadata.uid && uid !== pod.metadata.uid),
    ...(withSet ? [referenceTo(set, references)] : []),
    ...(withPod ? [referenceTo({ ...pod, apiVersion: 'v1', kind: 'Pod' }, references)] : []),
  ];
  if (new Set(owners.map(({ uid }) => uid)).symmetricDifference(new Set(references.map(({ uid }) => uid))).size === 0) return claim;
  const { ownerReferences: _, ...metadata } = claim.metadata;
  return { ...claim, metadata: { ...metadata, ...(owners.length > 0 && { ownerReferences: owners }) } };
}

const referenceTo = (owner: KubeObject, references: readonly OwnerReference[]): OwnerReference =>
  references.find(({ uid }) => uid === owner.metadata.uid) ?? controllerRef(owner);
