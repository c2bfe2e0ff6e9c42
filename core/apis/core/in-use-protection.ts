/** The finalizers of claims and volumes that are in use (Kubernetes documentation, "Storage Object in Use Protection"). */
export const CLAIM_PROTECTION = 'kubernetes.io/pvc-protection';
export const VOLUME_PROTECTION = 'kubernetes.io/pv-protection';
