import { describe, expect, it } from 'vitest';
import type { Pod } from '../schema/generated/kinds.ts';
import { START } from '../testing/env.ts';
import { type BoundPodOptions, boundPod, eventLines, line, running, seen } from '../testing/node-agents.ts';

const sh = (script: string) => ({ command: ['sh', '-c', script], image: 'busybox:1.37' });
const exec = (...command: string[]) => ({ exec: { command } });
const http = (port: number | string, path = '/') => ({ httpGet: { port, path } });

describe('a probe finds what the container does', () => {
  const table: { name: string; container: NonNullable<BoundPodOptions['container']>; seconds?: number; ready: boolean; event?: string }[] = [
    { name: 'a server on its port', container: { readinessProbe: http(80) }, ready: true },
    { name: 'a server under the name of its port', container: { ports: [{ name: 'web', containerPort: 80 }], readinessProbe: http('web') }, ready: true },
    {
      name: 'a server on another port',
      container: { readinessProbe: http(81) },
      ready: false,
      event: 'Warning Unhealthy Readiness probe failed: Get "http://10.244.1.2:81/": dial tcp 10.244.1.2:81: connect: connection refused',
    },
    {
      name: 'what a server does not have',
      container: { readinessProbe: http(80, '/healthz') },
      ready: false,
      event: 'Warning Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 404',
    },
    {
      name: 'no server at all',
      container: { ...sh('sleep 3600'), readinessProbe: { tcpSocket: { port: 8080 } } },
      ready: false,
      event: 'Warning Unhealthy Readiness probe failed: dial tcp 10.244.1.2:8080: connect: connection refused',
    },
    { name: 'a server that is not known', container: { image: 'example.com/app', readinessProbe: http(8080, '/healthz') }, ready: true },
    {
      name: 'a server that a script starts',
      container: { command: ['sh', '-c', 'sleep 1; exec nginx -g "daemon off;"'], readinessProbe: http(80) },
      ready: true,
    },
    {
      name: 'a listener of a script',
      container: { ...sh('while true; do echo ok | nc -l -p 8080; done'), readinessProbe: { tcpSocket: { port: 8080 } } },
      ready: true,
    },
    {
      name: 'a file that is not written',
      container: { ...sh('sleep 3600'), readinessProbe: exec('cat', '/tmp/healthy') },
      ready: false,
      event: "Warning Unhealthy Readiness probe failed: cat: can't open '/tmp/healthy': No such file or directory\n",
    },
    { name: 'a file that is written', container: { ...sh('touch /tmp/healthy; sleep 3600'), readinessProbe: exec('cat', '/tmp/healthy') }, ready: true },
    {
      name: 'a file that is written later',
      container: { ...sh('sleep 12; touch /tmp/healthy; sleep 3600'), readinessProbe: exec('cat', '/tmp/healthy') },
      ready: true,
    },
    {
      name: 'a file of the postStart hook',
      container: { lifecycle: { postStart: exec('touch', '/tmp/ok') }, readinessProbe: exec('test', '-f', '/tmp/ok') },
      ready: true,
    },
    {
      name: 'a command that takes too long',
      container: { ...sh('sleep 3600'), readinessProbe: { ...exec('sleep', '5'), timeoutSeconds: 2 } },
      ready: false,
      event: 'Warning Unhealthy Readiness probe failed: command timed out: "sleep 5" timed out after 2s',
    },
  ];
  it.each(table)('$name', async ({ container, ready, event, seconds = 25 }) => {
    const cluster = await running([boundPod({ container })], { seconds });
    expect(line(cluster.pod('web')!.status)).toBe(`Running main=running${ready ? '+ready' : ''}`);
    if (event) expect(eventLines(cluster)).toContain(event);
  });
});

describe('readiness', () => {
  it('goes and comes with what is found, by its thresholds', async () => {
    const container = {
      ...sh('touch /tmp/ok; sleep 20; rm /tmp/ok; sleep 30; touch /tmp/ok; sleep 3600'),
      readinessProbe: { ...exec('cat', '/tmp/ok'), periodSeconds: 5, failureThreshold: 2, successThreshold: 2 },
    };
    const cluster = await running([boundPod({ container })], { seconds: 100 });
    const changes = seen(cluster).flatMap(({ status }) =>
      (status as { conditions: { type: string; status: string; lastTransitionTime: string }[] }).conditions.filter(({ type }) => type === 'Ready'),
    );
    const transitions = [...new Set(changes.map(({ status, lastTransitionTime }) => `${status} ${(Date.parse(lastTransitionTime) - START) / 1000}`))];
    expect(transitions).toEqual(['False 0', 'True 5', 'False 25', 'True 55']);
  });
});

describe('a container that is not well', () => {
  const liveness = (more: object = {}) => ({ ...exec('cat', '/tmp/healthy'), initialDelaySeconds: 5, periodSeconds: 5, ...more });

  it('as of the documentation’s task is restarted when its file is gone for three probes', async () => {
    const container = { ...sh('touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600'), livenessProbe: liveness() };
    const cluster = await running([boundPod({ container, terminationGracePeriodSeconds: 10 })], { seconds: 75 });
    expect(line(cluster.pod('web')!.status)).toBe('Running main=running+ready x1');
    const { terminated } = cluster.pod('web')!.status!.containerStatuses![0]!.lastState!;
    // Three failures, at 30, 35 and 40 s; a shell takes no notice of SIGTERM.
    expect(terminated).toMatchObject({ exitCode: 137, reason: 'Error', finishedAt: '2026-01-01T00:00:50Z' });
    expect(eventLines(cluster)).toContain('Normal Killing Container main failed liveness probe, will be restarted');
    expect(cluster.list('events').find(({ reason }) => reason === 'Unhealthy')).toMatchObject({
      count: 3,
      message: "Liveness probe failed: cat: can't open '/tmp/healthy': No such file or directory\n",
    });
  });

  it('is told of when it begins to fail, with how often until something comes of it, and not in each period', async () => {
    const container = { ...sh('sleep 3600'), readinessProbe: { ...exec('false'), periodSeconds: 1 } };
    const cluster = await running([boundPod({ container })], { seconds: 30 });
    const { offset } = cluster.state;
    await cluster.runUntil(START + 600_000);
    expect([cluster.list('events').filter(({ reason }) => reason === 'Unhealthy').length, cluster.state.offset]).toEqual([1, offset]);
  });

  it('runs its preStop hook and obeys the signal, within the probe’s own grace period', async () => {
    const stopped = async (container: object, more: object = {}) => {
      const cluster = await running([boundPod({ container: { livenessProbe: { ...http(81), failureThreshold: 1, ...more }, ...container } })], { seconds: 45 });
      const [first] = seen(cluster).flatMap(({ status }) => (status as Pod['status'])!.containerStatuses![0]!.lastState!.terminated ?? []);
      const { exitCode, finishedAt } = first!;
      return `${exitCode} after ${(Date.parse(finishedAt!) - START) / 1000} s`;
    };
    const preStop = { sleep: { seconds: 5 } };
    expect(await stopped({})).toBe('0 after 1 s');
    expect(await stopped({ lifecycle: { preStop } })).toBe('0 after 6 s');
    expect(await stopped(sh('sleep 3600'))).toBe('137 after 30 s');
    expect(await stopped(sh('sleep 3600'), { terminationGracePeriodSeconds: 7 })).toBe('137 after 7 s');
    expect(await stopped({ ...sh('sleep 3600'), lifecycle: { preStop } }, { terminationGracePeriodSeconds: 4 })).toBe('137 after 6 s');
    expect(await stopped(sh('trap "exit 7" TERM; while true; do sleep 2; done'), { initialDelaySeconds: 3 })).toBe('7 after 4 s');
  });

  it('of a startup probe never becomes ready, and is told of', async () => {
    const container = { ...sh('sleep 3600'), startupProbe: { ...exec('cat', '/tmp/healthy'), periodSeconds: 2, failureThreshold: 3 } };
    const cluster = await running([boundPod({ container, terminationGracePeriodSeconds: 3 })], { seconds: 8 });
    expect(seen(cluster).map(({ status }) => line(status))).toEqual(['Pending main=ContainerCreating', 'Running main=running', 'Running main=running x1']);
    expect(eventLines(cluster)).toContain('Normal Killing Container main failed startup probe, will be restarted');
  });

  it('of a sidecar starts it again, whatever its pod does, within its own grace period', async () => {
    const livenessProbe = { ...exec('false'), failureThreshold: 1, initialDelaySeconds: 3, terminationGracePeriodSeconds: 2 };
    const bound = boundPod({ restartPolicy: 'Never', container: sh('sleep 3600') });
    const side = { name: 'side', restartPolicy: 'Always', ...sh('sleep 3600'), livenessProbe };
    const cluster = await running([{ ...bound, spec: { ...bound.spec!, initContainers: [side] } }], { seconds: 6 });
    expect(line(cluster.pod('web')!.status)).toBe('Running side=running+ready x1 main=running+ready');
    expect(eventLines(cluster)).toContain('Normal Killing Init container side failed liveness probe');
  });

  it('is not started again where its pod does not restart', async () => {
    const cluster = await running([boundPod({ restartPolicy: 'Never', container: { livenessProbe: { ...http(81), failureThreshold: 1 } } })], { seconds: 5 });
    expect(line(cluster.pod('web')!.status)).toBe('Succeeded main=Completed(0)');
    expect(eventLines(cluster)).toContain('Normal Killing Container main failed liveness probe');
  });

  it('is started again where its pod restarts what fails, also when it ended well', async () => {
    const cluster = await running([boundPod({ restartPolicy: 'OnFailure', container: { livenessProbe: { ...http(81), failureThreshold: 1 } } })], {
      seconds: 2,
    });
    expect(line(cluster.pod('web')!.status)).toMatch(/^Running main=(running|CrashLoopBackOff)/);
  });

  it('as agnhost’s is found by what it answers', async () => {
    const container = {
      image: 'registry.k8s.io/e2e-test-images/agnhost:2.40',
      args: ['liveness'],
      livenessProbe: { ...http(8080, '/healthz'), initialDelaySeconds: 3, periodSeconds: 3 },
    };
    const cluster = await running([boundPod({ container })], { seconds: 25 });
    expect(line(cluster.pod('web')!.status)).toBe('Running main=running+ready x1');
    expect(eventLines(cluster)).toContain('Warning Unhealthy Liveness probe failed: HTTP probe failed with statuscode: 500');
  });
});

describe('a postStart hook', () => {
  it('that fails has its container killed and restarted', async () => {
    const container = { lifecycle: { postStart: exec('sh', '-c', 'sleep 2; exit 1') } };
    const cluster = await running([boundPod({ container })], { seconds: 4 });
    expect(seen(cluster).map(({ status }) => line(status))).toEqual(['Pending main=ContainerCreating', 'Running main=running', 'Running main=running x1']);
    expect(eventLines(cluster).slice(4, 6)).toEqual(['Warning FailedPostStartHook PostStartHook failed', 'Normal Killing FailedPostStartHook']);
    await cluster.runUntil(START + 7_000);
    expect(line(cluster.pod('web')!.status)).toBe('Running main=CrashLoopBackOff x1');
  });

  it('that fails ends its container as an exit does: by its code it is started again, or not', async () => {
    const container = { lifecycle: { postStart: exec('false') } };
    const cluster = await running([boundPod({ restartPolicy: 'OnFailure', container })], { seconds: 20 });
    expect(line(cluster.pod('web')!.status)).toBe('Succeeded main=Completed(0)');
  });

  it('that succeeds is waited for', async () => {
    const cluster = await running([boundPod({ container: { lifecycle: { postStart: exec('sleep', '3') } } })], { seconds: 3 });
    expect(seen(cluster).map(({ status }) => line(status))).toEqual(['Pending main=ContainerCreating', 'Running main=running', 'Running main=running+ready']);
  });
});
