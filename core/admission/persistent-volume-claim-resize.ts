import { classOf } from '../apis/core/claim-class.ts';
import { compareQuantities } from '../kube/quantity.ts';
import type { PersistentVolumeClaim, StorageClass } from '../schema/generated/kinds.ts';
import { type AdmissionPlugin, objectOf, refusal } from './plugin.ts';

/** A claim grows only when it is bound and its class allows it (plugin/pkg/admission/storage/persistentvolume/resize). */
export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  validate(review) {
    const claim = objectOf<PersistentVolumeClaim>(review, 'persistentvolumeclaims', 'UPDATE');
    const old = review.old as PersistentVolumeClaim;
    if (!claim || compareQuantities(requested(claim), requested(old)) <= 0) return;
    if (old.status?.phase !== 'Bound') throw refusal(review, 'only bound persistent volume claims can be expanded');
    const name = classOf(claim);
    const allowed = name && name === classOf(old) && review.state.get<StorageClass>('storageclasses.storage.k8s.io', undefined, name)?.allowVolumeExpansion;
    if (!allowed) throw refusal(review, 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize');
  },
};

const requested = ({ spec }: PersistentVolumeClaim): string => spec?.resources?.requests?.['storage'] ?? '0';
