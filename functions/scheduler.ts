import { schedulerReconciler } from '../core/scheduler/scheduler.ts';
import { reconcile } from './reconcile.ts';

/** Binds pods to nodes. */
export const handler = reconcile({ reconciler: schedulerReconciler() });
