import { index } from '../../state/indexes.ts';
import { classOfVolume } from './claim-class.ts';

/** PersistentVolumes by the claim that they name, or else by their class. */
export const volumesByUse = index(['persistentvolumes'], (_key, volume) => {
  const { claimRef } = volume.spec ?? {};
  return [claimRef ? usedBy(claimRef.namespace, claimRef.name) : freeOfClass(classOfVolume(volume))];
});

/** What volumes stand under that name this claim. */
export const usedBy = (namespace: string | undefined, claim: string | undefined): string => `claim ${namespace}/${claim}`;

/** What volumes of a class stand under that name no claim. */
export const freeOfClass = (storageClassName = ''): string => `class ${storageClassName}`;
