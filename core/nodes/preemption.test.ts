import { expect, it } from 'vitest';
import { START } from '../testing/env.ts';
import { boundPod, eventLines, line, running } from '../testing/node-agents.ts';

const CRITICAL = 2_000_000_000;

/** On the only node, which has 1930m for pods. */
const using = (name: string, cpu: string | undefined, { priority = 0, limited = false } = {}) => {
  const amounts = { cpu: cpu ?? '0', ...(limited && { memory: '1Mi' }) };
  const resources = cpu === undefined ? {} : { requests: amounts, ...(limited && { limits: amounts }) };
  return boundPod({ name, priority, container: { resources }, status: { qosClass: cpu === undefined ? 'BestEffort' : limited ? 'Guaranteed' : 'Burstable' } });
};

it('A critical pod that its node has no room for is taken in all the same, and another one goes', async () => {
  const cluster = await running([using('a', '1'), using('b', '500m'), using('free', undefined)], { seconds: 5 });
  await cluster.put(using('critical', '800m', { priority: CRITICAL }));
  await cluster.runUntil(START + 15_000);
  expect(line(cluster.pod('critical')!.status)).toBe('Running main=running+ready');
  expect(['a', 'b', 'free'].map((name) => cluster.pod(name)!.status!.phase)).toEqual(['Running', 'Failed', 'Running']);
  const { status } = cluster.pod('b')!;
  expect(status).toMatchObject({ reason: 'Preempting', message: 'Preempted in order to admit critical pod' });
  expect(status!.conditions).toContainEqual(
    expect.objectContaining({
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'TerminationByKubelet',
      message: 'Pod was preempted by Kubelet to accommodate a critical pod.',
    }),
  );
  expect(cluster.messages(cluster.pod('b')!)).toContain('Preempting: Preempted in order to admit critical pod');
});

it('Two critical pods that come together have others make room for both', async () => {
  const cluster = await running([using('a', '600m'), using('b', '600m'), using('c', '600m')], { seconds: 5 });
  await cluster.put(using('x', '600m', { priority: CRITICAL }), using('y', '600m', { priority: CRITICAL }));
  await cluster.runUntil(START + 15_000);
  expect(['x', 'y'].map((name) => cluster.pod(name)!.status!.phase)).toEqual(['Running', 'Running']);
  expect(['a', 'b', 'c'].filter((name) => cluster.pod(name)!.status!.phase === 'Failed')).toHaveLength(2);
});

it.each([
  { name: 'a lower class of service before a higher one', others: [using('g', '900m', { limited: true }), using('b', '900m')], cpu: '500m', gone: ['b'] },
  { name: 'the nearest to what is missing', others: [using('a', '300m'), using('b', '500m'), using('c', '1100m')], cpu: '500m', gone: ['b'] },
  { name: 'several, where one is too small', others: [using('a', '600m'), using('b', '600m'), using('c', '600m')], cpu: '1', gone: ['b', 'c'] },
])('Of other pods goes $name', async ({ others, cpu, gone }) => {
  const cluster = await running(others, { seconds: 5 });
  await cluster.put(using('critical', cpu, { priority: CRITICAL }));
  await cluster.runUntil(START + 15_000);
  expect(cluster.pods.filter(({ status }) => status!.phase === 'Failed').map(({ metadata }) => metadata.name)).toEqual(gone);
});

it('A critical pod that even an empty node has no room for, and one that is refused for something else, makes none go', async () => {
  const cluster = await running([using('a', '1'), using('other', '500m', { priority: CRITICAL })], { seconds: 5 });
  await cluster.put(using('large', '1500m', { priority: CRITICAL }));
  await cluster.put(boundPod({ name: 'picky', priority: CRITICAL, nodeSelector: { disk: 'ssd' }, container: { resources: { requests: { cpu: '1' } } } }));
  await cluster.runUntil(START + 15_000);
  expect(cluster.pod('a')!.status!.phase).toBe('Running');
  expect(cluster.pod('large')!.status).toMatchObject({
    phase: 'Failed',
    reason: 'UnexpectedAdmissionError',
    message:
      'Pod was rejected: Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: [(res: cpu, q: 70), ]',
  });
  expect(eventLines(cluster).filter((event) => event.includes('Preempting'))).toEqual([]);
});

it('A pod that is not critical is refused as ever', async () => {
  const cluster = await running([using('a', '1500m')], { seconds: 5 });
  await cluster.put(using('b', '1', { priority: CRITICAL - 1 }));
  await cluster.settle();
  expect(cluster.pod('b')!.status).toMatchObject({ phase: 'Failed', reason: 'OutOfcpu' });
});

it('A pod that makes room has no time to end in, whatever its grace period', async () => {
  const slow = using('a', '1500m');
  const command = ['sh', '-c', 'sleep 600'];
  const container = { ...slow.spec!.containers[0]!, image: 'busybox:1.37', command };
  const cluster = await running([{ ...slow, spec: { ...slow.spec!, terminationGracePeriodSeconds: 300, containers: [container] } }], { seconds: 5 });
  await cluster.put(using('critical', '800m', { priority: CRITICAL }));
  await cluster.settle();
  expect([cluster.pod('a')!.status!.phase, cluster.pod('critical')!.status!.phase]).toEqual(['Failed', 'Running']);
});
