import { nodeOf } from '../controllers/daemonset/daemon-pod.ts';
import { timestamp } from '../kube/object.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import type { Cluster } from './cluster.ts';

/** The test plays the scheduler and the kubelet, in a cluster in which they do not run. */

/** These pods get a node, run and are ready. */
export async function ready(cluster: Cluster, ...pods: readonly Pod[]): Promise<void> {
  for (const pod of pods) {
    await bind(cluster, pod);
    await cluster.edit(
      pod,
      (copy) => {
        const condition = { type: 'Ready', status: 'True', lastTransitionTime: timestamp(cluster.now) };
        copy.status = { ...copy.status, phase: 'Running', conditions: [condition] };
      },
      'status',
    );
  }
  await cluster.settle();
}

/** These pods get a node, if they have none, and end. */
export async function end(cluster: Cluster, phase: 'Succeeded' | 'Failed', pods: readonly Pod[], exitCode = phase === 'Failed' ? 1 : 0): Promise<void> {
  for (const pod of pods) {
    await bind(cluster, pod);
    const { name, image } = pod.spec!.containers[0]!;
    const terminated = { exitCode, finishedAt: timestamp(cluster.now) };
    const container = { name, image: image ?? '', imageID: '', ready: false, restartCount: 0, state: { terminated } };
    await cluster.edit(
      pod,
      (copy) => {
        copy.status = { ...copy.status, phase, conditions: [], containerStatuses: [container] };
      },
      'status',
    );
  }
  await cluster.settle();
}

/** The pods that are being deleted have stopped, and go; how many they were. */
export async function reap(cluster: Cluster): Promise<number> {
  const dying = cluster.pods.filter(({ metadata }) => metadata.deletionTimestamp);
  for (const pod of dying) await cluster.delete(pod, { gracePeriodSeconds: 0 });
  await cluster.settle();
  return dying.length;
}

async function bind(cluster: Cluster, pod: Pod): Promise<void> {
  const { namespace, name } = pod.metadata;
  if (!pod.spec!.nodeName) await cluster.mutate({ type: 'bind', resource: 'pods', namespace: namespace!, name, node: nodeOf(pod) || 'node-1' });
}
