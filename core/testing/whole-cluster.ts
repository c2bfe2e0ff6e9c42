import { controllersReconciler, controllersWith } from '../controllers/registry.ts';
import type { KubeObject } from '../kube/object.ts';
import { nodeObjects } from '../nodes/node-objects.ts';
import { nodesReconciler } from '../nodes/nodes.ts';
import { simulatedRuntime } from '../nodes/runtimes/simulated.ts';
import { schedulerReconciler } from '../scheduler/scheduler.ts';
import { Cluster } from './cluster.ts';
import { START } from './env.ts';
import { namespace } from './objects.ts';

/** A cluster in which all work: scheduler, controllers and the agents of its nodes, `node-1` to `node-3` in three zones. The objects are created one after the other. */
export async function wholeCluster(objects: readonly KubeObject[] = [], { nodes = 3 } = {}): Promise<Cluster> {
  // Events stay, so that what is waited for is what a test is about.
  const reconcilers = [schedulerReconciler(), controllersReconciler(controllersWith({ eventTtlMs: 0 })), nodesReconciler({ runtime: simulatedRuntime })];
  const cluster = await Cluster.start({ reconcilers, objects: [namespace('default'), ...nodeObjects(nodes, START)], now: START });
  await cluster.settle();
  for (const object of objects) await cluster.create(object);
  await cluster.settle();
  return cluster;
}
