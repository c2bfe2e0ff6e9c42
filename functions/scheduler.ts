import { reconciling } from '../core/reconcile/worker.ts';
import { schedulerReconciler } from '../core/scheduler/scheduler.ts';
import { schedulerProfiles } from './wiring.ts';
import { work } from './work.ts';

const profiles = schedulerProfiles();

/** Binds pods to nodes. */
export const handler = work({ worker: reconciling(schedulerReconciler(profiles && { profiles })) });
