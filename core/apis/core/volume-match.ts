import { selects } from '../../kube/label-selector.ts';
import { compareQuantities } from '../../kube/quantity.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../schema/generated/kinds.ts';
import { classOf, classOfVolume } from './claim-class.ts';
import { refersTo } from './claim-reference.ts';
import { matchesNodeSelector } from './node-match.ts';

/**
 * The volume that a claim gets of those that exist: one that is reserved for it, else the smallest free one that suits it
 * (component-helpers/storage/volume, FindMatchingVolume). With a `node`, only volumes that can be used there; with `reservedOnly`, none that is free.
 */
export function bestVolumeFor(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  { node, reservedOnly = false }: { node?: Node; reservedOnly?: boolean } = {},
): PersistentVolume | undefined {
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    const { claimRef } = volume.spec!;
    if ((claimRef ? !refersTo(claimRef, claim) : reservedOnly) || !isLargeEnough(volume, claim)) continue;
    const reachable = !node || isReachable(volume, node);
    if (claimRef) return reachable ? volume : undefined;
    if (reachable && suits(volume, claim) && (!best || compareQuantities(storageOf(volume), storageOf(best)) < 0)) best = volume;
  }
  return best;
}

/** Whether a volume can be used on a node. */
export const isReachable = ({ spec }: PersistentVolume, node: Node): boolean =>
  !spec?.nodeAffinity?.required || matchesNodeSelector(spec.nodeAffinity.required, node);

/** Why a volume that a claim asks for by name cannot be its (checkVolumeSatisfyClaim). */
export function mismatchOf(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp) return `the volume is marked for deletion "${volume.metadata.name}"`;
  if (compareQuantities(storageOf(volume), requestedBy(claim)) < 0) return 'requested PV is too small';
  if (!isOfClass(volume, claim)) return 'storageClassName does not match';
  if (!isOfAttributes(volume, claim)) return 'volumeAttributesClassName does not match';
  if (!isOfMode(volume, claim)) return 'incompatible volumeMode';
  return hasAccessModes(volume, claim) ? undefined : 'incompatible accessMode';
}

/** What holds for reserved volumes too. */
const isLargeEnough = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  !volume.metadata.deletionTimestamp &&
  isOfMode(volume, claim) &&
  isOfAttributes(volume, claim) &&
  compareQuantities(storageOf(volume), requestedBy(claim)) >= 0;

const suits = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  volume.status?.phase !== 'Failed' &&
  isOfClass(volume, claim) &&
  hasAccessModes(volume, claim) &&
  (claim.spec!.selector === undefined || selects(claim.spec!.selector, volume.metadata.labels));

const isOfClass = (volume: PersistentVolume, claim: PersistentVolumeClaim) => classOfVolume(volume) === (classOf(claim) ?? '');

export const isOfMode = (volume: PersistentVolume, claim: PersistentVolumeClaim) =>
  (volume.spec!.volumeMode ?? 'Filesystem') === (claim.spec!.volumeMode ?? 'Filesystem');

const isOfAttributes = (volume: PersistentVolume, claim: PersistentVolumeClaim) =>
  (volume.spec!.volumeAttributesClassName ?? '') === (claim.spec!.volumeAttributesClassName ?? '');

const hasAccessModes = (volume: PersistentVolume, claim: PersistentVolumeClaim) =>
  (claim.spec!.accessModes ?? []).every((mode) => volume.spec!.accessModes?.includes(mode));

const requestedBy = ({ spec }: PersistentVolumeClaim): string => spec!.resources?.requests?.['storage'] ?? '0';

const storageOf = ({ spec }: PersistentVolume): string => spec!.capacity?.['storage'] ?? '0';
