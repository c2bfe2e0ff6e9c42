import { expect, it } from 'vitest';
import type { Node, Pod } from '../schema/generated/kinds.ts';
import { START } from '../testing/env.ts';
import { boundPod, running } from '../testing/node-agents.ts';

/** One that runs on the only node, whose machine has 7,971,292 KiB, and uses so much. */
const using = (name: string, memory: string, { request, priority }: { request?: string; priority?: number } = {}): Pod =>
  boundPod({
    name,
    container: request === undefined ? {} : { resources: { requests: { memory: request } } },
    metadata: { annotations: { 'kwok.x-k8s.io/usage-memory': memory } },
    ...(priority !== undefined && { priority }),
  });

const pressure = ({ status }: Node) => status!.conditions!.find(({ type }) => type === 'MemoryPressure')!;

it('A node that is short of memory says so, and evicts who uses the most beyond what was requested', async () => {
  const cluster = await running([using('modest', '2Gi', { request: '2Gi' }), using('greedy', '4Gi', { request: '1Gi' }), using('free', '2Gi')], {
    seconds: 20,
  });
  expect(cluster.pod('greedy')!.status).toMatchObject({
    phase: 'Failed',
    reason: 'Evicted',
    message:
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 0. Container main was using 4Gi, request is 1Gi, has larger consumption of memory. ',
    containerStatuses: [{ state: { terminated: { exitCode: 137, reason: 'Error' } } }],
  });
  expect(cluster.pod('greedy')!.status!.conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', reason: 'TerminationByKubelet' }));
  expect(['modest', 'free'].map((name) => cluster.pod(name)!.status!.phase)).toEqual(['Running', 'Running']);
  const [node] = cluster.list('nodes');
  expect(pressure(node!)).toMatchObject({ status: 'True', reason: 'KubeletHasInsufficientMemory' });
  expect(cluster.messages(node!)).toEqual(
    expect.arrayContaining([
      `NodeHasInsufficientMemory: Node ${node!.metadata.name} status is now: NodeHasInsufficientMemory`,
      'EvictionThresholdMet: Attempting to reclaim memory',
    ]),
  );
});

it('The pressure is over five minutes after it was last observed, and then nothing is written', async () => {
  const cluster = await running([using('greedy', '9Gi'), using('modest', '1Gi')], { seconds: 290 });
  const node = () => cluster.list('nodes')[0]!;
  expect(pressure(node()).status).toBe('True');
  await cluster.runUntil(START + 320_000);
  expect(pressure(node())).toMatchObject({ status: 'False', reason: 'KubeletHasSufficientMemory' });
  const { offset } = cluster.state;
  await cluster.runUntil(START + 3_600_000);
  expect(cluster.state.offset).toBe(offset);
});

it('Of pods that use more than they requested, those of lower priority go first, one every ten seconds', async () => {
  const pods = [using('low', '3Gi', { priority: 1 }), using('high', '6Gi', { priority: 100 }), using('middle', '3Gi', { priority: 10 })];
  const cluster = await running(pods, { seconds: 2 });
  const phases = () => ['low', 'middle', 'high'].map((name) => cluster.pod(name)!.status!.phase);
  expect(phases()).toEqual(['Failed', 'Running', 'Running']);
  await cluster.runUntil(START + 15_000);
  expect(phases()).toEqual(['Failed', 'Failed', 'Running']);
  await cluster.runUntil(START + 60_000);
  expect(phases()).toEqual(['Failed', 'Failed', 'Running']);
});

it('What is seen of the memory of a node does not undo which image has come onto it at that moment', async () => {
  const greedy = ['a', 'b', 'c', 'd', 'e'].map((name) => using(name, '9Gi'));
  const late = boundPod({ name: 'late', initContainers: [{ name: 'before', image: 'busybox', command: ['sleep', '20'] }], container: { image: 'alpine' } });
  const cluster = await running([...greedy, late], { seconds: 20 });
  const [node] = cluster.list('nodes');
  expect(pressure(node!)).toMatchObject({ status: 'True', lastHeartbeatTime: new Date(START + 20_000).toISOString().replace('.000', '') });
  expect(node!.status!.images!.flatMap(({ names }) => names)).toContain('docker.io/library/alpine:latest');
});
