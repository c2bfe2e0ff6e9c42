import { controllersReconciler, controllersWith } from '../core/controllers/registry.ts';
import { reconcile } from './reconcile.ts';
import { eventTtlMs, retentionMs } from './wiring.ts';

/** Runs the controllers, takes the snapshots, and deletes what is older than clusters keep. */
export const handler = reconcile({ reconciler: controllersReconciler(controllersWith({ eventTtlMs: eventTtlMs() })), keeper: { retentionMs: retentionMs() } });
