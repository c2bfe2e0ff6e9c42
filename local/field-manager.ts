/**
 * As which field manager verbs apply manifests, unless told: as that of `kubectl apply --server-side`. What either has applied, the other goes on with, and a plan tells what an apply will do.
 */
export const FIELD_MANAGER = 'kubectl';
