import { nodesReconciler } from '../core/nodes/nodes.ts';
import { simulatedRuntime } from '../core/nodes/runtimes/simulated.ts';
import { reconcile } from './reconcile.ts';

/** Is the agent of every node. */
export const handler = reconcile({ reconciler: nodesReconciler({ runtime: simulatedRuntime }) });
