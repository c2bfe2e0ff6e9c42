import { ATTRIBUTES_PROTECTION, CLAIM_PROTECTION, VOLUME_PROTECTION } from '../apis/core/in-use-protection.ts';
import { type AdmissionPlugin, writeTo } from './plugin.ts';

/**
 * What a pod uses, or a claim, is not deleted under it: claims, volumes and their classes of attributes are created with a finalizer
 * (plugin/pkg/admission/storage/storageobjectinuseprotection), and controllers/volumes/protection.ts takes it off.
 */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  mutate(review) {
    for (const [resource, finalizer] of Object.entries(protections)) {
      const metadata = writeTo(review, resource, 'CREATE')?.object.metadata;
      if (metadata && !metadata.finalizers?.includes(finalizer)) metadata.finalizers = [...(metadata.finalizers ?? []), finalizer];
    }
  },
};

const protections = {
  persistentvolumeclaims: CLAIM_PROTECTION,
  persistentvolumes: VOLUME_PROTECTION,
  'volumeattributesclasses.storage.k8s.io': ATTRIBUTES_PROTECTION,
} as const;
