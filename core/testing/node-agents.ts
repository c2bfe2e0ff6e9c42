import type { KubeObject } from '../kube/object.ts';
import { nodeObjects } from '../nodes/node-objects.ts';
import { nodesReconciler } from '../nodes/nodes.ts';
import { simulatedRuntime } from '../nodes/runtimes/simulated.ts';
import type { EventObject, Pod } from '../schema/generated/kinds.ts';
import { isOf } from '../state/change.ts';
import { Cluster } from './cluster.ts';
import { START } from './env.ts';
import { namespace, type PodOptions, pod } from './objects.ts';

/** A cluster in which the node agents run alone, and have not run yet: nodes that they serve, and objects that stand in the log before them. */
export function agentsOf<T extends readonly KubeObject[]>(
  objects: T,
  { nodes = 1, reconciler = nodesReconciler({ runtime: simulatedRuntime }) } = {},
): Promise<Cluster> {
  return Cluster.start({ reconcilers: [reconciler], objects: [namespace('default'), ...nodeObjects(nodes, START), ...objects], now: START });
}

/** The same, when the agents have run for some seconds. */
export async function running<T extends readonly KubeObject[]>(
  objects: T,
  { seconds = 0, nodes = 1 }: { seconds?: number; nodes?: number } = {},
): Promise<Cluster> {
  const cluster = await agentsOf(objects, { nodes });
  await cluster.runUntil(START + seconds * 1000);
  return cluster;
}

export interface BoundPodOptions extends PodOptions {
  name?: string;
}

/** A pod of one container that is bound to node-1, as a cluster has it. */
export const boundPod = ({ name = 'web', container, status, ...options }: BoundPodOptions = {}): Pod =>
  pod(name, {
    nodeName: 'node-1',
    labels: {},
    container: { imagePullPolicy: 'IfNotPresent', ...container },
    status: { qosClass: 'BestEffort', ...status },
    ...options,
  });

/** Every status that the agents gave to a pod, as a watch would have shown it, and `deleted`. */
export const seen = ({ changes }: Cluster): { name: string; status: Pod['status'] | 'deleted' }[] =>
  changes
    .filter((change) => isOf(change, 'pods'))
    .filter(({ actor }) => actor.username.startsWith('system:node:'))
    .filter(({ type, object, previous }) => type === 'DELETED' || object.status !== previous?.status)
    .map(({ type, object }) => ({ name: object.metadata.name, status: type === 'DELETED' ? 'deleted' : object.status }));

/** A pod's status in one line: what `kubectl get pods` makes of it, and more. */
export function line(status: Pod['status'] | 'deleted'): string {
  if (status === 'deleted' || status === undefined) return String(status);
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? []), ...(status.ephemeralContainerStatuses ?? [])];
  const each = containers.map(({ name, state, ready, restartCount }) => {
    const { waiting, running, terminated } = state ?? {};
    const is = waiting ? waiting.reason : running ? 'running' : terminated ? `${terminated.reason}(${terminated.exitCode})` : 'nothing';
    return `${name}=${is}${ready ? '+ready' : ''}${restartCount ? ` x${restartCount}` : ''}`;
  });
  return [status.phase, ...(status.reason ? [status.reason] : []), ...each].join(' ');
}

/** The Events that the agents created, oldest first. */
export const eventsOf = ({ changes }: Cluster): EventObject[] =>
  changes.filter((change) => isOf(change, 'events')).flatMap(({ type, object }) => (type === 'ADDED' ? [object] : []));

/** Type, reason and message of each of them, as `kubectl describe` lists them. */
export const eventLines = (cluster: Cluster): string[] => eventsOf(cluster).map(({ type, reason, message }) => `${type} ${reason} ${message}`);
