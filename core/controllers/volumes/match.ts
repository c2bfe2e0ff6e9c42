import type { State } from '../../projection/state.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../resources/generated/kinds.ts';
import { selects } from '../../resources/label-selector.ts';
import { compareQuantities } from '../../resources/quantity.ts';
import { refersTo } from './claim-reference.ts';

/** The volume that a claim gets of those that exist: one reserved for it, else the smallest free one that satisfies it (volume.FindMatchingVolume). */
export function bestVolumeFor(claim: PersistentVolumeClaim, state: State): PersistentVolume | undefined {
  let best: PersistentVolume | undefined;
  for (const volume of state.list<PersistentVolume>('persistentvolumes')) {
    if (volume.metadata.deletionTimestamp || !satisfies(volume, claim)) continue;
    const { claimRef } = volume.spec!;
    if (claimRef) {
      if (refersTo(claimRef, claim)) return volume;
    } else if (!best || compareQuantities(storageOf(volume), storageOf(best)) < 0) {
      best = volume;
    }
  }
  return best;
}

function satisfies(volume: PersistentVolume, { spec }: PersistentVolumeClaim): boolean {
  const { accessModes = [], storageClassName = '', volumeMode = 'Filesystem', volumeAttributesClassName } = volume.spec!;
  const { selector } = spec!;
  return (
    storageClassName === (spec!.storageClassName ?? '') &&
    volumeMode === (spec!.volumeMode ?? 'Filesystem') &&
    volumeAttributesClassName === spec!.volumeAttributesClassName &&
    (spec!.accessModes ?? []).every((mode) => accessModes.includes(mode)) &&
    compareQuantities(storageOf(volume), spec!.resources?.requests?.['storage'] ?? '0') >= 0 &&
    (selector === undefined || selects(selector, volume.metadata.labels))
  );
}

const storageOf = ({ spec }: PersistentVolume): string => spec!.capacity?.['storage'] ?? '0';
