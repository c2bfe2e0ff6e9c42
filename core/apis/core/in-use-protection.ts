/** The finalizers of what other objects use (Kubernetes documentation, "Storage Object in Use Protection"). */
export const CLAIM_PROTECTION = 'kubernetes.io/pvc-protection';
export const VOLUME_PROTECTION = 'kubernetes.io/pv-protection';
/** Of a VolumeAttributesClass. */
export const ATTRIBUTES_PROTECTION = 'kubernetes.io/vac-protection';
