import { expect, it } from 'vitest';
import { controlled } from '../../testing/controllers.ts';
import { end } from '../../testing/kubelet.ts';
import { ago, node, pod } from '../../testing/objects.ts';

it('The pods of a node that is gone go, and no others', async () => {
  const cluster = await controlled(node('node-1'), node('node-2'), pod('p', { nodeName: 'node-1' }), pod('q', { nodeName: 'node-2' }), pod('r'));
  await cluster.pass(40);
  await cluster.delete(node('node-1'));
  await cluster.settle();
  expect(cluster.pods.map(({ metadata }) => metadata.name)).toEqual(['q', 'r']);
});

it('A pod may be there before its node, for forty seconds', async () => {
  const cluster = await controlled(pod('early', { nodeName: 'node-2' }), pod('lost', { nodeName: 'node-3' }));
  await cluster.pass(39);
  expect(cluster.pods.map(({ metadata }) => metadata.name)).toEqual(['early', 'lost']);
  await cluster.create(node('node-2'));
  await cluster.pass(1);
  expect(cluster.pods.map(({ metadata }) => metadata.name)).toEqual(['early']);
});

it('A pod of no node that a finalizer holds has failed, and says why', async () => {
  const cluster = await controlled(node('node-1'), pod('p', { nodeName: 'node-1', metadata: { finalizers: ['batch.kubernetes.io/job-tracking'] } }));
  await cluster.pass(40);
  await cluster.delete(node('node-1'));
  await cluster.settle();
  const [held] = cluster.pods;
  expect(held!.metadata).toMatchObject({ deletionTimestamp: ago(-40), deletionGracePeriodSeconds: 0 });
  expect(held!.status).toMatchObject({
    phase: 'Failed',
    conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' }],
  });
});

it('A pod that ended before its node keeps its end', async () => {
  const cluster = await controlled(node('node-1'), pod('p', { nodeName: 'node-1', metadata: { finalizers: ['x/y'] } }));
  await end(cluster, 'Succeeded', cluster.pods);
  await cluster.delete(node('node-1'));
  await cluster.settle();
  expect(cluster.pods[0]!.status!.phase).toBe('Succeeded');
});
