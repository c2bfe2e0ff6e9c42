import { classOf } from '../apis/core/claim-class.ts';
import { compareQuantities } from '../kube/quantity.ts';
import type { PersistentVolumeClaim } from '../schema/generated/kinds.ts';
import { type AdmissionPlugin, refusal, writeTo } from './plugin.ts';

/** A claim grows only when it is bound and its class allows it (plugin/pkg/admission/storage/persistentvolume/resize). */
export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  validate(review) {
    const { object: claim, old } = writeTo(review, 'persistentvolumeclaims', 'UPDATE') ?? {};
    if (!claim || !old || compareQuantities(requested(claim), requested(old)) <= 0) return;
    if (old.status?.phase !== 'Bound') throw refusal(review, 'Only bound persistent volume claims can be expanded');
    const name = classOf(claim);
    const allowed = name && name === classOf(old) && review.state.get('storageclasses.storage.k8s.io', undefined, name)?.allowVolumeExpansion;
    if (!allowed) throw refusal(review, 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize');
  },
};

const requested = ({ spec }: PersistentVolumeClaim): string => spec?.resources?.requests?.['storage'] ?? '0';
