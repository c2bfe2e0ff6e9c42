import { schedulerReconciler } from '../core/scheduler/scheduler.ts';
import { reconcile } from './reconcile.ts';
import { schedulerProfiles } from './wiring.ts';

const profiles = schedulerProfiles();

/** Binds pods to nodes. */
export const handler = reconcile({ reconciler: schedulerReconciler(profiles && { profiles }) });
