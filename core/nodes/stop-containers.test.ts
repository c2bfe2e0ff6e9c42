import { describe, expect, it } from 'vitest';
import { userNamed } from '../kube/user.ts';
import type { Cluster } from '../testing/cluster.ts';
import { START } from '../testing/env.ts';
import { type BoundPodOptions, boundPod, eventLines, line, running, seen } from '../testing/node-agents.ts';

describe('deletion', () => {
  const lives = async (given: BoundPodOptions, { grace = 30, seconds = 60 } = {}) => {
    const cluster = await running([boundPod(given)]);
    const { length } = seen(cluster);
    await cluster.delete(boundPod(), { gracePeriodSeconds: grace });
    await cluster.runUntil(START + seconds * 1000);
    const deletions = cluster.mutations.filter(({ type }) => type === 'delete');
    return {
      cluster,
      seen: seen(cluster)
        .slice(length)
        .map(({ status }) => line(status)),
      deletions,
    };
  };
  const finishedAt = (cluster: Cluster) => {
    const last = seen(cluster).findLast(({ status }) => status !== 'deleted')!.status;
    return typeof last === 'object' ? last.containerStatuses![0]!.state!.terminated!.finishedAt : undefined;
  };

  it('stops the container, then lets the pod go', async () => {
    const { cluster, seen, deletions } = await lives({});
    expect(seen).toEqual(['Succeeded main=Completed(0)', 'deleted']);
    expect(finishedAt(cluster)).toBe('2026-01-01T00:00:01Z');
    expect(eventLines(cluster).at(-1)).toBe('Normal Killing Stopping container main');
    expect(deletions).toMatchObject([{ name: 'web', gracePeriodSeconds: 0, preconditions: { uid: 'uid-web' }, actor: userNamed('system:node:node-1') }]);
    expect(cluster.nextWakeup).toBeUndefined();
  });

  it('waits for the preStop hook', async () => {
    expect(finishedAt((await lives({ container: { lifecycle: { preStop: { sleep: { seconds: 10 } } } } })).cluster)).toBe('2026-01-01T00:00:11Z');
    expect(finishedAt((await lives({ container: { lifecycle: { preStop: { exec: { command: ['sh', '-c', 'sleep 5'] } } } } })).cluster)).toBe(
      '2026-01-01T00:00:06Z',
    );
  });

  it('kills what does not end within the grace period', async () => {
    const { cluster, seen } = await lives({ container: { command: ['sleep', '600'] } }, { grace: 20 });
    expect(seen).toEqual(['Failed main=Error(137)', 'deleted']);
    expect(finishedAt(cluster)).toBe('2026-01-01T00:00:20Z');
  });

  it('leaves two seconds after a preStop hook that takes all of it', async () => {
    const preStop = { sleep: { seconds: 60 } };
    const obedient = await lives({ container: { lifecycle: { preStop } } }, { grace: 20 });
    expect(obedient.seen).toEqual(['Succeeded main=Completed(0)', 'deleted']);
    expect(finishedAt(obedient.cluster)).toBe('2026-01-01T00:00:21Z');
    const deaf = await lives({ container: { command: ['sleep', '600'], lifecycle: { preStop } } }, { grace: 20 });
    expect(deaf.seen).toEqual(['Failed main=Error(137)', 'deleted']);
    expect(finishedAt(deaf.cluster)).toBe('2026-01-01T00:00:22Z');
  });

  it('says at once that it stops', async () => {
    const cluster = await running([boundPod({ container: { command: ['sleep', '600'] } })]);
    await cluster.delete(boundPod(), { gracePeriodSeconds: 30 });
    await cluster.settle();
    expect(eventLines(cluster).at(-1)).toBe('Normal Killing Stopping container main');
    await cluster.runUntil(START + 60_000);
    expect(eventLines(cluster).filter((line) => line.includes('Killing')).length).toBe(1);
  });

  it('tells of a preStop hook that fails', async () => {
    const { cluster } = await lives({ container: { lifecycle: { preStop: { exec: { command: ['sh', '-c', 'sleep 3; exit 1'] } } } } });
    expect(eventLines(cluster).slice(-2)).toEqual(['Normal Killing Stopping container main', 'Warning FailedPreStopHook PreStopHook failed']);
    expect(finishedAt(cluster)).toBe('2026-01-01T00:00:04Z');
  });

  it('of a pod that has not started is immediate', async () => {
    const { seen } = await lives({
      volumes: [{ name: 'v', secret: { secretName: 'none' } }],
      container: { volumeMounts: [{ name: 'v', mountPath: '/v' }] },
    });
    expect(seen).toEqual(['deleted']);
  });

  it('of a pod with finalizers waits for them', async () => {
    const { cluster, seen, deletions } = await lives({ metadata: { finalizers: ['batch.kubernetes.io/job-tracking'] } });
    expect(seen).toEqual(['Succeeded main=Completed(0)']);
    expect(cluster.pod('web')!.metadata.deletionGracePeriodSeconds).toBe(0);
    expect(deletions.length).toBe(1);
    cluster.restart();
    await cluster.settle();
    expect(cluster.mutations.filter(({ type }) => type === 'delete').length).toBe(1);
  });

  it('stops sidecars after the others, the last one first, and runs all preStop hooks at once', async () => {
    const preStop = { sleep: { seconds: 2 } };
    const { cluster } = await lives({
      initContainers: ['first', 'second'].map((name) => ({ name, image: 'nginx', restartPolicy: 'Always', lifecycle: { preStop } })),
      container: { lifecycle: { preStop: { sleep: { seconds: 4 } } } },
    });
    const { initContainerStatuses, containerStatuses } = seen(cluster).at(-2)!.status as NonNullable<ReturnType<typeof boundPod>['status']>;
    const ends = [...containerStatuses!, ...initContainerStatuses!].map(({ name, state }) => `${name} ${state!.terminated!.finishedAt!.slice(-3, -1)}`);
    expect(ends).toEqual(['main 05', 'first 07', 'second 06']);
  });

  it('of a pod that has ended is immediate', async () => {
    const cluster = await running([boundPod({ restartPolicy: 'Never', container: { command: ['sleep', '1'] } })], { seconds: 2 });
    await cluster.delete(boundPod());
    await cluster.settle();
    expect(cluster.pod('web')).toBeUndefined();
  });
});
