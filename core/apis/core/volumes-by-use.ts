import { index } from '../../state/indexes.ts';

/** PersistentVolumes by the claim that they name, or else by their class. */
export const volumesByUse = index(['persistentvolumes'], (_key, { spec }) => {
  return [spec?.claimRef ? usedBy(spec.claimRef.namespace, spec.claimRef.name) : freeOfClass(spec?.storageClassName)];
});

/** What volumes stand under that name this claim. */
export const usedBy = (namespace: string | undefined, claim: string | undefined): string => `claim ${namespace}/${claim}`;

/** What volumes of a class stand under that name no claim. */
export const freeOfClass = (storageClassName = ''): string => `class ${storageClassName}`;
