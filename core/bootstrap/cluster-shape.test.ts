import { expect, it } from 'vitest';
import { controllersReconciler, controllersWith } from '../controllers/registry.ts';
import { freeNumbers } from '../nodes/ec2/ec2-node.ts';
import { nodesReconciler } from '../nodes/nodes.ts';
import { simulatedRuntime } from '../nodes/runtimes/simulated.ts';
import { schedulerReconciler } from '../scheduler/scheduler.ts';
import { Cluster } from '../testing/cluster.ts';
import { START } from '../testing/env.ts';
import { pod } from '../testing/objects.ts';
import { INSTANCE_TYPE, objectsOf } from './cluster-shape.ts';

async function shaped(shape: Parameters<typeof objectsOf>[0]): Promise<Cluster> {
  const reconcilers = [controllersReconciler(controllersWith({ eventTtlMs: 0 })), schedulerReconciler(), nodesReconciler({ runtime: simulatedRuntime })];
  const cluster = await Cluster.start({ reconcilers, now: START, objects: objectsOf(shape, START) });
  await cluster.runUntil(START + 120_000);
  return cluster;
}

it('A cluster as EKS makes it comes to rest with its add-ons ready', async () => {
  const cluster = await shaped({ nodes: 3, instanceType: INSTANCE_TYPE });
  const [coredns] = cluster.list('deployments.apps');
  expect(coredns).toMatchObject({ metadata: { namespace: 'kube-system', name: 'coredns' }, status: { readyReplicas: 2 } });
  expect(cluster.list('daemonsets.apps').map(({ metadata, status }) => [metadata.name, status!.numberReady])).toEqual([
    ['aws-node', 3],
    ['kube-proxy', 3],
  ]);
  expect(cluster.list('nodes').map(({ metadata }) => metadata.labels)).toMatchObject(
    ['b', 'c', 'a'].map((zone) => ({
      'kubernetes.io/arch': 'amd64',
      'node.kubernetes.io/instance-type': 'm5.large',
      'topology.kubernetes.io/zone': `eu-west-1${zone}`,
      'eks.amazonaws.com/nodegroup': 'default',
      'eks.amazonaws.com/capacityType': 'ON_DEMAND',
      'alpha.eksctl.io/nodegroup-name': 'default',
    })),
  );
  expect(cluster.state.get('services', 'kube-system', 'kube-dns')!.spec!.clusterIP).toBe('10.96.0.10');
  expect(await cluster.settle()).toBe(0);
});

it('Its pods have addresses of the VPC, and its nodes no range of their own', async () => {
  const cluster = await shaped({ nodes: 1, instanceType: 'c7g.large' });
  await cluster.create(pod('p'));
  await cluster.settle();
  expect(cluster.pod('p')!.status!.podIP).toMatch(/^192\.168\.96\.\d+$/);
  const [node] = cluster.list('nodes');
  expect([node!.spec!.podCIDR, node!.metadata.name]).toEqual([undefined, 'ip-192-168-96-1.eu-west-1.compute.internal']);
});

it('Nodes that are added have addresses that no other has, of the subnet of their zone while there are some', () => {
  const nodes = objectsOf({ nodes: 300, instanceType: INSTANCE_TYPE }, START).filter(({ kind }) => kind === 'Node');
  expect(new Set(nodes.map(({ metadata }) => metadata.name)).size).toBe(300);
  expect(freeNumbers(2, 'eu-west-1b', nodes)).toEqual([302, 305]);
  expect(freeNumbers(3, 'eu-west-1a', nodes.slice(1, 4))).toEqual([1, 7, 10]);
});

it('A plain cluster has nodes and nothing in kube-system', async () => {
  const cluster = await shaped({ nodes: 2 });
  expect([cluster.pods, cluster.list('nodes').map(({ metadata }) => metadata.name)]).toEqual([[], ['node-1', 'node-2']]);
});

it('There is no cluster of a type that there is not', () => {
  expect(() => objectsOf({ nodes: 1, instanceType: 'm5.huge' }, START)).toThrow('there is no EC2 instance type "m5.huge"');
});

it('The TTL of what kubelets have read is 0 on nodes of EC2, and nothing on others', () => {
  const ttls = (instanceType?: string) =>
    objectsOf({ nodes: 1, ...(instanceType && { instanceType }) }, START)
      .filter(({ kind }) => kind === 'Node')
      .map(({ metadata }) => metadata.annotations?.['node.alpha.kubernetes.io/ttl']);
  expect([ttls(INSTANCE_TYPE), ttls()]).toEqual([['0'], [undefined]]);
});
