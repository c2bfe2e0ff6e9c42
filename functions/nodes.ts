import { nodesReconciler } from '../core/nodes/nodes.ts';
import { simulatedRuntime } from '../core/nodes/runtimes/simulated.ts';
import { reconciling } from '../core/reconcile/worker.ts';
import { work } from './work.ts';

/** Is the agent of every node. */
export const handler = work({ worker: reconciling(nodesReconciler({ runtime: simulatedRuntime })) });
