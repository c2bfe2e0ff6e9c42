import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import type { LogEntry } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import type { Node, Pod } from '../schema/generated/kinds.ts';
import { Cluster } from '../testing/cluster.ts';
import { START } from '../testing/env.ts';
import { line } from '../testing/node-agents.ts';
import { configMap, namespace, pod } from '../testing/objects.ts';
import { nodeObjects } from './node-objects.ts';
import { nodesReconciler } from './nodes.ts';
import { simulatedRuntime } from './runtimes/simulated.ts';

/** Nothing but node agents, in a cluster that clients create pods in: by the rules of the API, which puts into every pod what a whole cluster has for it. */
async function start({ nodes = 2 } = {}) {
  const log = memoryLog();
  const account: KubeObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } };
  const authority = configMap('kube-root-ca.crt', { data: { 'ca.crt': 'x' } });
  const objects = [namespace('default'), namespace('kube-node-lease'), account, authority, ...nodeObjects(nodes, START)];
  const cluster = await Cluster.start({ reconcilers: [nodesReconciler({ runtime: simulatedRuntime })], objects, now: START, log });
  await cluster.settle();
  const entries = async (after: number): Promise<LogEntry[]> => {
    const read: LogEntry[] = [];
    for await (const entry of log.read('main', { after })) read.push(entry);
    return read;
  };
  return { cluster, entries };
}

describe('node agents on a log', () => {
  const pods = (count: number): Pod[] => Array.from({ length: count }, (_, i) => pod(`p-${i}`, { nodeName: `node-${1 + (i % 2)}` }));

  it('take fifty pods to Running in one entry, by the rules of the API', async () => {
    const { cluster, entries } = await start();
    for (const each of pods(50)) await cluster.create(each);
    const { offset } = cluster.state;
    await cluster.settle();
    expect(new Set(cluster.pods.map(({ status }) => line(status)))).toEqual(new Set(['Running main=running+ready']));
    expect(new Set(cluster.pods.map(({ status }) => status!.podIP)).size).toBe(50);
    const written = await entries(offset);
    expect(written.length).toBe(1);
    expect(written[0]!.events.filter(({ key }) => key === 'pods/default/p-0').map(({ type, actor }) => [type, actor.username])).toEqual([
      ['MODIFIED', 'system:node:node-1'],
      ['MODIFIED', 'system:node:node-1'],
    ]);
    // Two statuses and three Events a pod; on each of two nodes the first one pulls the image.
    expect(written[0]!.events.length).toBe(50 * 5 + 2 * 2);
  });

  it('write nothing when there is nothing to do', async () => {
    const { cluster } = await start();
    await cluster.create(pod('p', { nodeName: 'node-1' }));
    await cluster.settle();
    expect(cluster.nextWakeup).toBeUndefined();
    const { offset } = cluster.state;
    await cluster.pass(7 * 24 * 3600);
    expect(cluster.state.offset).toBe(offset);
  });

  it('look at thousands of pods with nothing to do in one pass when they begin anew', async () => {
    const running = Array.from({ length: 3_000 }, (_, i) => pod(`p-${i}`, { nodeName: 'node-1', status: { phase: 'Succeeded' } }));
    let passes = 0;
    const agents = nodesReconciler({ runtime: simulatedRuntime });
    const counting: Reconciler = {
      ...agents,
      reconcile(pass) {
        passes++;
        return agents.reconcile(pass);
      },
    };
    const cluster = await Cluster.start({ reconcilers: [counting], objects: [namespace('default'), ...nodeObjects(1, START), ...running], now: START });
    await cluster.settle();
    passes = 0;
    cluster.restart();
    await cluster.settle();
    expect(passes).toBe(1);
  });

  it('make a Node that a client creates a working one', async () => {
    const { cluster } = await start();
    await cluster.create<Node>({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'extra' }, spec: { providerID: 'logplane:///by-hand/extra' } });
    await cluster.create(pod('p', { nodeName: 'extra' }));
    await cluster.settle();
    expect(cluster.pod('p')!.status).toMatchObject({ phase: 'Running', podIP: '10.244.3.2', hostIP: '10.0.0.3' });
  });

  it('let a deleted pod go once it has stopped', async () => {
    const { cluster } = await start();
    await cluster.create(pod('p', { nodeName: 'node-1' }));
    await cluster.settle();
    await cluster.delete(pod('p'), { gracePeriodSeconds: 30 });
    await cluster.settle();
    expect(cluster.pod('p')!.metadata.deletionTimestamp).toBe('2026-01-01T00:00:30Z');
    await cluster.pass(1);
    expect(cluster.pod('p')).toBeUndefined();
  });
});
