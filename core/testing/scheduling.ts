import type { KubeObject } from '../kube/object.ts';
import { clusterInfoOf } from '../scheduler/cluster-info.ts';
import type { ClusterInfo } from '../scheduler/framework.ts';
import { schedulerReconciler } from '../scheduler/scheduler.ts';
import { Cluster } from './cluster.ts';
import { START } from './env.ts';
import { namespace } from './objects.ts';
import { stateOf, stored } from './state.ts';

/** A cluster in which the scheduler runs alone, and has not run yet: what is given stands in the log before it. */
export const unscheduled = (...objects: readonly KubeObject[]): Promise<Cluster> =>
  Cluster.start({ reconcilers: [schedulerReconciler()], objects: [namespace('default'), ...objects], now: START });

/** The same, when the scheduler has done what it can. */
export async function scheduled(...objects: readonly KubeObject[]): Promise<Cluster> {
  const cluster = await unscheduled(...objects);
  await cluster.settle();
  return cluster;
}

/** Where the pods are: `p1@a`, or `p2: why not`. */
export const places = ({ pods }: Cluster): string[] =>
  pods.map(({ metadata: { name }, spec, status }) => {
    const waits = status?.conditions?.find(({ type }) => type === 'PodScheduled');
    return spec!.nodeName ? `${name}@${spec!.nodeName}` : `${name}: ${waits?.message ?? 'not looked at'}`;
  });

/** `Warning FailedScheduling x2 why not` */
export const schedulingEvents = (cluster: Cluster): string[] =>
  cluster.list('events').map(({ type, reason, message, count }) => `${type} ${reason} x${count} ${message}`);

/** What plugins see of a cluster with these objects. */
export const clusterInfo = (...objects: readonly KubeObject[]): ClusterInfo => clusterInfoOf(stateOf(objects.map((object) => stored(object))));
