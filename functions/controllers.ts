import { controlPlaneKeys } from '../core/auth/control-plane-keys.ts';
import { controllersReconciler, controllersWith } from '../core/controllers/registry.ts';
import { reconcile } from './reconcile.ts';
import { eventTtlMs, retentionMs, signingKeys } from './wiring.ts';

/** Runs the controllers, which sign certificates and tokens, takes the snapshots, and deletes what is older than clusters keep. */
export const handler = reconcile({
  reconciler: controllersReconciler(controllersWith({ eventTtlMs: eventTtlMs() }), controlPlaneKeys(signingKeys()[0])),
  keeper: { retentionMs: retentionMs() },
});
