import { controllersReconciler, controllersWith } from '../core/controllers/registry.ts';
import { reconcile } from './reconcile.ts';
import { eventTtlMs } from './wiring.ts';

/** Runs the controllers, and takes the snapshots. */
export const handler = reconcile({ reconciler: controllersReconciler(controllersWith({ eventTtlMs: eventTtlMs() })), snapshots: true });
