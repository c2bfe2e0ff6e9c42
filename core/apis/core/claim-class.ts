import type { PersistentVolume, PersistentVolumeClaim } from '../../schema/generated/kinds.ts';

/** How the class was named before it had a field. */
const OLD_CLASS = 'volume.beta.kubernetes.io/storage-class';

/** The class that a claim names, '' for none on purpose (GetPersistentVolumeClaimClass); undefined when it says nothing. */
export const classOf = ({ metadata, spec }: PersistentVolumeClaim): string | undefined => metadata.annotations?.[OLD_CLASS] ?? spec?.storageClassName;

/** The class of a volume, '' for none (GetPersistentVolumeClass). */
export const classOfVolume = ({ metadata, spec }: PersistentVolume): string => metadata.annotations?.[OLD_CLASS] ?? spec?.storageClassName ?? '';
