import { controllersReconciler, controllersWith } from '../../core/controllers/registry.ts';
import { nodesReconciler } from '../../core/nodes/nodes.ts';
import { simulatedRuntime } from '../../core/nodes/runtimes/simulated.ts';
import type { Reconciler } from '../../core/reconcile/reconciler.ts';
import { schedulerReconciler } from '../../core/scheduler/scheduler.ts';

const MINUTE = 60_000;

export const productionReconcilers = (): readonly Reconciler[] => [
  schedulerReconciler(),
  // Short enough that Events end while a simulation comes to rest.
  controllersReconciler(controllersWith({ eventTtlMs: 10 * MINUTE })),
  nodesReconciler({ runtime: simulatedRuntime }),
];

/** All but one. */
export const others = (name: string): readonly Reconciler[] => productionReconcilers().filter((reconciler) => reconciler.name !== name);
