import { describe, expect, it } from 'vitest';
import type { Container, Pod } from '../schema/generated/kinds.ts';
import { START } from '../testing/env.ts';
import { boundPod, eventLines, line, running, seen } from '../testing/node-agents.ts';

const sh = (name: string, script: string, more: Partial<Container> = {}): Container => ({
  name,
  image: 'busybox:1.36',
  imagePullPolicy: 'IfNotPresent',
  command: ['sh', '-c', script],
  ...more,
});
const restartAll = (values: number[]): Partial<Container> => ({
  restartPolicy: 'Never',
  restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values } }],
});
/** Ends with 42 as long as no volume says that it did so before. */
const once = 'sleep 5; [ -f /d/x ] && exit 0; touch /d/x; exit 42';
const mounted = { volumeMounts: [{ name: 'd', mountPath: '/d' }] };

const pod = (spec: Partial<NonNullable<Pod['spec']>>): Pod => {
  const bound = boundPod({ restartPolicy: 'Never' });
  return { ...bound, spec: { ...bound.spec!, volumes: [{ name: 'd', emptyDir: {} }], ...spec } };
};

describe('RestartAllContainers', async () => {
  const cluster = await running(
    [
      pod({
        initContainers: [sh('setup', 'exit 0')],
        containers: [sh('worker', once, { ...restartAll([42]), ...mounted }), sh('other', 'sleep 1000')],
      }),
    ],
    { seconds: 11 },
  );
  const statuses = seen(cluster).map(({ status }) => status as NonNullable<Pod['status']>);
  const condition = ({ conditions }: NonNullable<Pod['status']>) => conditions!.find(({ type }) => type === 'AllContainersRestarting');

  it('has the pod begin anew, from its init containers', () => {
    expect(statuses.map(line)).toEqual([
      'Pending setup=PodInitializing worker=PodInitializing other=PodInitializing',
      'Running setup=Completed(0)+ready worker=running+ready other=running+ready',
      'Running setup=Completed(0)+ready worker=Error(42) other=running+ready',
      'Running setup=RestartingAllContainers x1 worker=RestartingAllContainers x1 other=RestartingAllContainers x1',
      'Running setup=Completed(0)+ready x1 worker=running+ready x1 other=running+ready x1',
    ]);
    expect(statuses.at(-1)!.podIP).toBe(statuses[1]!.podIP);
    expect(statuses.at(-1)!.conditions!.find(({ type }) => type === 'Initialized')!.lastTransitionTime).toBe('2026-01-01T00:00:00Z');
  });

  it('is told of in a condition', () => {
    expect(statuses.map((status) => condition(status)!.status)).toEqual(['False', 'False', 'True', 'False', 'False']);
    expect(condition(statuses[2]!)).toEqual({
      type: 'AllContainersRestarting',
      status: 'True',
      reason: 'RestartAllContainersStarted',
      message: 'container exited with restart policy rule',
      lastTransitionTime: '2026-01-01T00:00:05Z',
    });
  });

  it('kills what runs without a grace period', () => {
    expect(eventLines(cluster).filter((text) => text.includes('Killing'))).toEqual(['Normal Killing killing']);
    const { state, lastState } = statuses[3]!.containerStatuses![1]!;
    const removed = { reason: 'RestartingAllContainers', message: 'The container is removed because RestartAllContainers in place' };
    expect([state, lastState]).toEqual([{ waiting: removed }, { terminated: { ...removed, exitCode: 137 } }]);
    // The program takes no notice of its signal: it is killed two seconds later.
    expect(statuses[4]!.containerStatuses![1]!.state!.running!.startedAt).toBe('2026-01-01T00:00:07Z');
  });

  it('is over when the container ends otherwise', async () => {
    const alone = await running([pod({ containers: [sh('worker', once, { ...restartAll([42]), ...mounted })] })], { seconds: 30 });
    const { status } = alone.pod('web')!;
    expect(line(status)).toBe('Succeeded worker=Completed(0) x1');
    expect(condition(status!)).toMatchObject({ status: 'False', reason: 'PodCompleted' });
  });

  it('does not come without end at one time', async () => {
    const crashing = await running([pod({ containers: [sh('worker', 'exit 42', restartAll([42]))] })], { seconds: 10 });
    expect(line(crashing.pod('web')!.status)).toBe('Running worker=Error(42) x10');
  });

  it('comes of an init container too, which succeeds or fails', async () => {
    for (const [script, code] of [
      ['[ -f /d/x ] && exit 1; touch /d/x; exit 0', 0],
      ['[ -f /d/x ] && exit 1; touch /d/x; exit 7', 7],
    ] as const) {
      const init = sh('setup', script, { ...restartAll([code]), ...mounted });
      const failed = await running([pod({ initContainers: [init], containers: [sh('main', 'sleep 1000')] })], { seconds: 10 });
      expect(line(failed.pod('web')!.status)).toBe('Failed setup=Error(1) x1 main=PodInitializing');
    }
  });

  it('goes by the first rule that is met', async () => {
    const [rule] = restartAll([42]).restartPolicyRules!;
    const rules: Partial<Container> = { restartPolicy: 'Never', restartPolicyRules: [{ ...rule!, action: 'Restart' }, rule!] };
    const both = await running([pod({ containers: [sh('worker', once, { ...rules, ...mounted }), sh('other', 'sleep 1000')] })], { seconds: 8 });
    expect(line(both.pod('web')!.status)).toBe('Running worker=running+ready x1 other=running+ready');
    expect(both.env.clock.now()).toBe(START + 8_000);
  });
});
