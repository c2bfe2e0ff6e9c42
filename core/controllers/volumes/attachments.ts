import { index } from '../../state/indexes.ts';

/** VolumeAttachments by the volume that they are of. */
export const attachmentsByVolume = index(['volumeattachments.storage.k8s.io'], (_key, { spec }) =>
  spec.source?.persistentVolumeName ? [spec.source.persistentVolumeName] : [],
);

/** VolumeAttachments by their node. */
export const attachmentsByNode = index(['volumeattachments.storage.k8s.io'], (_key, { spec }) => [spec.nodeName]);
