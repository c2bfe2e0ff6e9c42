import { controlPlaneKeys } from '../core/auth/control-plane-keys.ts';
import { controllersReconciler, controllersWith } from '../core/controllers/registry.ts';
import { reconciling } from '../core/reconcile/worker.ts';
import { eventTtlMs, retentionMs, signingKeys } from './wiring.ts';
import { work } from './work.ts';

/** Runs the controllers, which sign certificates and tokens, takes the snapshots, and deletes what is older than clusters keep. */
export const handler = work({
  worker: reconciling(controllersReconciler(controllersWith({ eventTtlMs: eventTtlMs() }), controlPlaneKeys(signingKeys()[0]))),
  keeper: { retentionMs: retentionMs() },
});
