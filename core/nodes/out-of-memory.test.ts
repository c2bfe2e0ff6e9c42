import { expect, it } from 'vitest';
import type { Container } from '../schema/generated/kinds.ts';
import { START } from '../testing/env.ts';
import { boundPod, running } from '../testing/node-agents.ts';

const limited = (memory: string, { annotations = {}, container = {} }: { annotations?: Record<string, string>; container?: Partial<Container> } = {}) =>
  boundPod({ container: { resources: { limits: { memory }, requests: { memory } }, ...container }, metadata: { annotations } });

const USAGE = 'kwok.x-k8s.io/usage-memory';

it('A container that uses more memory than its limit is killed, started again, and held back', async () => {
  const cluster = await running([limited('64Mi', { annotations: { [USAGE]: '100Mi' } })], { seconds: 5 });
  const [status] = cluster.pod('web')!.status!.containerStatuses!;
  expect(status).toMatchObject({
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
    restartCount: 1,
    ready: false,
  });
  await cluster.runUntil(START + 60_000);
  expect(cluster.pod('web')!.status!.containerStatuses![0]!.restartCount).toBe(3);
});

it('The container of the task "Assign Memory Resources" of the documentation is one', async () => {
  const stress = (bytes: string) => ({ command: ['stress'], args: ['--vm', '1', '--vm-bytes', bytes, '--vm-hang', '1'] });
  const within = await running([limited('200Mi', { container: stress('150M') })], { seconds: 60 });
  expect(within.pod('web')!.status!.containerStatuses![0]).toMatchObject({ state: { running: {} }, restartCount: 0 });
  const beyond = await running([limited('100Mi', { container: stress('250M') })], { seconds: 60 });
  expect(beyond.pod('web')!.status!.containerStatuses![0]!.lastState).toMatchObject({ terminated: { exitCode: 137, reason: 'OOMKilled' } });
});

it('One whose usage grows is killed when it has come to its limit', async () => {
  const cluster = await running([limited('64Mi', { annotations: { [USAGE]: '0s=10Mi, 10m=110Mi' } })], { seconds: 300 });
  expect(cluster.pod('web')!.status!.containerStatuses![0]).toMatchObject({ state: { running: {} }, restartCount: 0 });
  await cluster.runUntil(START + 400_000);
  expect(cluster.pod('web')!.status!.containerStatuses![0]!.lastState).toMatchObject({ terminated: { reason: 'OOMKilled' } });
});

it('An annotation that is given later is looked at', async () => {
  const cluster = await running([limited('64Mi')], { seconds: 60 });
  await cluster.edit(cluster.pod('web')!, (copy) => {
    copy.metadata.annotations = { [USAGE]: '1Gi' };
  });
  await cluster.runUntil(START + 65_000);
  expect(cluster.pod('web')!.status!.containerStatuses![0]!.lastState).toMatchObject({ terminated: { reason: 'OOMKilled' } });
});
