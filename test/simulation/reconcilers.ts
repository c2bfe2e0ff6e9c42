import { controllersReconciler } from '../../core/controllers/registry.ts';
import { nodesReconciler } from '../../core/nodes/nodes.ts';
import { simulatedRuntime } from '../../core/nodes/runtimes/simulated.ts';
import type { Reconciler } from '../../core/reconcile/reconciler.ts';
import { schedulerReconciler } from '../../core/scheduler/scheduler.ts';

export const productionReconcilers = (): readonly Reconciler[] => [
  schedulerReconciler(),
  controllersReconciler(),
  nodesReconciler({ runtime: simulatedRuntime }),
];

/** All but one. */
export const others = (name: string): readonly Reconciler[] => productionReconcilers().filter((reconciler) => reconciler.name !== name);
