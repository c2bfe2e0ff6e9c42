import type { PersistentVolume, PersistentVolumeClaim } from '../../schema/generated/kinds.ts';

/**
 * What a pod uses, or a claim, is not deleted under it (Kubernetes documentation, "Storage Object in Use Protection"): the admission plugin
 * StorageObjectInUseProtection gives claims and volumes these finalizers, and controllers/volumes/protection.ts takes them off.
 */
export const CLAIM_PROTECTION = 'kubernetes.io/pvc-protection';
export const VOLUME_PROTECTION = 'kubernetes.io/pv-protection';

/** Adds the finalizer to a new object, whose metadata is the caller's own. */
export function protect({ metadata }: PersistentVolumeClaim | PersistentVolume, finalizer: string): void {
  if (!metadata.finalizers?.includes(finalizer)) metadata.finalizers = [...(metadata.finalizers ?? []), finalizer];
}
