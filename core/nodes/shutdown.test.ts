import { expect, it } from 'vitest';
import { STATIC_PODS } from '../apis/core/node-agent.ts';
import { SHUTDOWN } from '../apis/core/node-shutdown.ts';
import type { Node } from '../schema/generated/kinds.ts';
import type { Cluster } from '../testing/cluster.ts';
import { START } from '../testing/env.ts';
import { boundPod, line, running } from '../testing/node-agents.ts';
import { configMap } from '../testing/objects.ts';

const CRITICAL = 2_000_000_000;
const ready = ({ status }: Node) => status!.conditions!.find(({ type }) => type === 'Ready')!;
const node = (cluster: Cluster): Node => cluster.list('nodes')[0]!;

async function shutDown(cluster: Cluster, value: string | undefined) {
  await cluster.edit(node(cluster), ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, ...(value !== undefined && { [SHUTDOWN]: value }) };
    if (value === undefined) delete metadata.annotations[SHUTDOWN];
  });
  await cluster.settle();
}

/** It takes no notice of its signal. */
const stubborn = { command: ['sh', '-c', 'trap "" TERM; sleep 1000 & wait; sleep 1000'] };
const phases = (cluster: Cluster) => Object.fromEntries(cluster.pods.map(({ metadata, status }) => [metadata.name, status!.phase]));

it('A node that shuts down is not ready, and ends its pods, the critical ones last', async () => {
  const cluster = await running([boundPod({ name: 'regular', container: stubborn }), boundPod({ name: 'critical', priority: CRITICAL })], { seconds: 5 });
  await shutDown(cluster, '30s/10s');
  expect(ready(node(cluster))).toMatchObject({ status: 'False', reason: 'KubeletNotReady', message: 'node is shutting down' });
  expect(cluster.messages(node(cluster))).toEqual(
    expect.arrayContaining(['NodeShutdown: Shutdown manager detected shutdown event', 'NodeNotReady: Node node-1 status is now: NodeNotReady']),
  );
  await cluster.runUntil(START + 24_000);
  expect(phases(cluster)).toEqual({ regular: 'Running', critical: 'Running' });
  await cluster.runUntil(START + 26_000);
  expect(phases(cluster)).toMatchObject({ regular: 'Failed' });
  await cluster.runUntil(START + 40_000);
  for (const name of ['regular', 'critical']) {
    const { status } = cluster.pod(name)!;
    const message = 'Pod was terminated in response to imminent node shutdown.';
    expect(status).toMatchObject({ phase: 'Failed', reason: 'Terminated', message });
    expect(status!.conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message }));
  }
  const { offset } = cluster.state;
  await cluster.runUntil(START + 3_600_000);
  expect(cluster.state.offset).toBe(offset);
});

it('Critical pods wait no longer than for the others to end', async () => {
  const cluster = await running([boundPod({ name: 'regular' }), boundPod({ name: 'critical', priority: CRITICAL, container: stubborn })], { seconds: 5 });
  await shutDown(cluster, '60s/20s');
  await cluster.runUntil(START + 24_000);
  expect(phases(cluster)).toEqual({ regular: 'Failed', critical: 'Running' });
  await cluster.runUntil(START + 30_000);
  expect(phases(cluster)).toEqual({ regular: 'Failed', critical: 'Failed' });
});

it('A pod that comes meanwhile is rejected', async () => {
  const cluster = await running([], { seconds: 5 });
  await shutDown(cluster, 'true');
  await cluster.put(boundPod({ name: 'late' }));
  await cluster.settle();
  expect(cluster.pod('late')!.status).toMatchObject({
    phase: 'Failed',
    reason: 'NodeShutdown',
    message: 'Pod was rejected: Pod was rejected as the node is shutting down.',
  });
  expect(cluster.messages(cluster.pod('late')!)).toContain('NodeShutdown: Pod was rejected as the node is shutting down.');
});

it('A node that is back is ready and takes pods in again', async () => {
  const cluster = await running([boundPod({ name: 'old' })], { seconds: 5 });
  await shutDown(cluster, 'true');
  await cluster.runUntil(START + 60_000);
  await shutDown(cluster, undefined);
  expect(ready(node(cluster))).toMatchObject({ status: 'True', reason: 'KubeletReady' });
  expect(Object.keys(node(cluster).metadata.annotations ?? {}).filter((name) => name.includes('shutdown'))).toEqual([]);
  await cluster.put(boundPod({ name: 'new' }));
  await cluster.runUntil(START + 70_000);
  expect(line(cluster.pod('new')!.status)).toBe('Running main=running+ready');
  expect(cluster.pod('old')!.status!.reason).toBe('Terminated');
});

it('Static pods end with their node, and run again when it is back', async () => {
  const manifest = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: main, image: nginx}]}';
  const cluster = await running([configMap('manifests', { data: { web: manifest } })], { seconds: 5 });
  await cluster.edit(node(cluster), ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, [STATIC_PODS]: 'default/manifests' };
  });
  await cluster.runUntil(START + 15_000);
  await shutDown(cluster, 'true');
  await cluster.runUntil(START + 60_000);
  expect(line(cluster.pod('web-node-1')!.status)).toMatch(/^Failed Terminated /);
  await shutDown(cluster, undefined);
  await cluster.runUntil(START + 70_000);
  expect(line(cluster.pod('web-node-1')!.status)).toBe('Running main=running+ready');
});
