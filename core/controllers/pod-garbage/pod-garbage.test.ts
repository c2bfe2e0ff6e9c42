import { describe, expect, it } from 'vitest';
import { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';
import { end } from '../../testing/kubelet.ts';
import { ago, namespace, node, pod } from '../../testing/objects.ts';
import { controllersReconciler } from '../registry.ts';
import { terminatedPods } from './terminated-pods.ts';

it('The pods of a node that is gone go, and no others', async () => {
  const cluster = await controlled(node('node-1'), node('node-2'), pod('p', { nodeName: 'node-1' }), pod('q', { nodeName: 'node-2' }), pod('r'));
  await cluster.pass(40);
  await cluster.delete(node('node-1'));
  await cluster.settle();
  expect(await cluster.wait()).toBe(40);
  expect(cluster.pods.map(({ metadata }) => metadata.name)).toEqual(['q', 'r']);
});

it('The pods of a node that comes back within forty seconds stay', async () => {
  const cluster = await controlled(node('node-1'), node('node-2'), pod('p', { nodeName: 'node-1' }));
  await cluster.delete(node('node-1'));
  await cluster.pass(39);
  await cluster.create(node('node-1'));
  await cluster.pass(600);
  expect(cluster.pods.map(({ metadata }) => metadata.name)).toEqual(['p']);
});

it('A process that begins while a node is missing waits as long again at most', async () => {
  const cluster = await controlled(node('node-1'), node('node-2'), pod('p', { nodeName: 'node-1' }));
  await cluster.settle();
  await cluster.delete(node('node-1'));
  await cluster.pass(30);
  cluster.restart();
  await cluster.settle();
  expect(await cluster.wait()).toBeLessThanOrEqual(40);
  expect(cluster.pods).toEqual([]);
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
  await cluster.pass(40);
  const [held] = cluster.pods;
  expect(held!.metadata).toMatchObject({ deletionTimestamp: ago(-80), deletionGracePeriodSeconds: 0 });
  expect(held!.status).toMatchObject({
    phase: 'Failed',
    conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' }],
  });
});

it('A pod that ended before its node keeps its end', async () => {
  const cluster = await controlled(node('node-1'), pod('p', { nodeName: 'node-1', metadata: { finalizers: ['x/y'] } }));
  await end(cluster, 'Succeeded', cluster.pods);
  await cluster.delete(node('node-1'));
  await cluster.pass(40);
  expect(cluster.pods[0]).toMatchObject({ metadata: { deletionTimestamp: expect.any(String) }, status: { phase: 'Succeeded' } });
});

describe('a pod that is being deleted', () => {
  const held = { finalizers: ['x/y'] };

  it('and was never scheduled has failed after twenty seconds', async () => {
    const cluster = await controlled(pod('p', { metadata: held }));
    await cluster.delete(pod('p'));
    await cluster.pass(19);
    expect(cluster.pod('p')!.status!.phase).toBe('Pending');
    await cluster.pass(1);
    expect(cluster.pod('p')!.status).toMatchObject({ phase: 'Failed' });
    expect(await cluster.settle()).toBe(0);
  });

  it('waits for its node that is not Ready, until that is declared out of service', async () => {
    const cluster = await controlled(node('node-1'), node('node-2'), pod('p', { nodeName: 'node-1' }));
    await cluster.edit(
      node('node-1'),
      (copy) => {
        copy.status!.conditions = [{ type: 'Ready', status: 'Unknown' }];
      },
      'status',
    );
    await cluster.delete(pod('p'));
    await cluster.pass(600);
    expect(cluster.pod('p')!.metadata.deletionTimestamp).toBeDefined();
    const outOfService = { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' };
    await cluster.edit(node('node-1'), ({ spec }) => void spec!.taints!.push(outOfService));
    await cluster.settle();
    expect(cluster.pod('p')).toBeUndefined();
  });
});

it('Of pods that have ended, no more stay than a threshold: the evicted ones go first, then the oldest', async () => {
  const cluster = await Cluster.start({ reconcilers: [controllersReconciler([terminatedPods(2)])], objects: [namespace('default')] });
  const ended = (name: string, age: number, status: object = { phase: 'Succeeded' }) => pod(name, { status, metadata: { creationTimestamp: ago(age) } });
  await cluster.put(ended('old', 30), ended('older', 40), ended('evicted', 10, { phase: 'Failed', reason: 'Evicted' }), ended('new', 5), pod('runs'));
  await cluster.settle();
  expect(cluster.pods.map(({ metadata }) => metadata.name)).toEqual(['new', 'old', 'runs']);
});
