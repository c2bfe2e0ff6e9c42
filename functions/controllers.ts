import { controllersReconciler } from '../core/controllers/registry.ts';
import { reconcile } from './reconcile.ts';

/** Runs the controllers, and takes the snapshots. */
export const handler = reconcile({ reconciler: controllersReconciler(), snapshots: true });
