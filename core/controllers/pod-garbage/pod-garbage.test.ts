import { expect, it } from 'vitest';
import { ago, Cluster, node, pod } from '../testing.ts';

it('The pods of a node that is gone go at once, and no others', () => {
  const cluster = new Cluster(node('node-1'), node('node-2'), pod('p', { nodeName: 'node-1' }), pod('q', { nodeName: 'node-2' }), pod('r'));
  cluster.settle();
  cluster.delete(node('node-1'));
  cluster.settle();
  expect(cluster.pods.map(({ metadata }) => metadata.name)).toEqual(['q', 'r']);
});

it('A pod of no node that somebody holds on to has failed, and says why', () => {
  const cluster = new Cluster(node('node-1'), pod('p', { nodeName: 'node-1', metadata: { finalizers: ['batch.kubernetes.io/job-tracking'] } }));
  cluster.settle();
  cluster.delete(node('node-1'));
  cluster.settle();
  const [held] = cluster.pods;
  expect(held!.metadata).toMatchObject({ deletionTimestamp: ago(0), deletionGracePeriodSeconds: 0 });
  expect(held!.status).toMatchObject({
    phase: 'Failed',
    conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' }],
  });
});

it('A pod that ended before its node keeps its end', () => {
  const cluster = new Cluster(node('node-1'), pod('p', { nodeName: 'node-1', metadata: { finalizers: ['x/y'] } }));
  cluster.end('Succeeded', cluster.pods);
  cluster.delete(node('node-1'));
  cluster.settle();
  expect(cluster.pods[0]!.status!.phase).toBe('Succeeded');
});
