import { describe, expect, it } from 'vitest';
import { userNamed } from '../kube/user.ts';
import { line, type PodOptions, pod, TestCluster, told } from './testing.ts';

describe('deletion', () => {
  const lives = (given: PodOptions, { grace = 30, seconds = 60 } = {}) => {
    const cluster = new TestCluster([pod(given)]).run();
    const { length } = cluster.seen;
    cluster.delete('web', grace).runUntil(seconds);
    const deletions = cluster.mutations.filter(({ type }) => type === 'delete');
    return { cluster, seen: cluster.seen.slice(length).map(({ status }) => line(status)), deletions };
  };
  const finishedAt = (cluster: TestCluster) => {
    const last = cluster.seen.findLast(({ status }) => status !== 'deleted')!.status;
    return typeof last === 'object' ? last.containerStatuses![0]!.state!.terminated!.finishedAt : undefined;
  };

  it('stops the container, then lets the pod go', () => {
    const { cluster, seen, deletions } = lives({});
    expect(seen).toEqual(['Succeeded main=Completed(0)', 'deleted']);
    expect(finishedAt(cluster)).toBe('2026-01-01T00:00:01Z');
    expect(told(cluster.events).at(-1)).toBe('Normal Killing Stopping container main');
    expect(deletions).toMatchObject([{ name: 'web', gracePeriodSeconds: 0, preconditions: { uid: 'uid-of-web' }, actor: userNamed('system:node:node-1') }]);
    expect(cluster.nextWakeup()).toBeUndefined();
  });

  it('waits for the preStop hook', () => {
    expect(finishedAt(lives({ container: { lifecycle: { preStop: { sleep: { seconds: 10 } } } } }).cluster)).toBe('2026-01-01T00:00:11Z');
    expect(finishedAt(lives({ container: { lifecycle: { preStop: { exec: { command: ['sh', '-c', 'sleep 5'] } } } } }).cluster)).toBe('2026-01-01T00:00:06Z');
  });

  it('kills what does not end within the grace period', () => {
    const { cluster, seen } = lives({ container: { lifecycle: { preStop: { sleep: { seconds: 60 } } } } }, { grace: 20 });
    expect(seen).toEqual(['Failed main=Error(137)', 'deleted']);
    expect(finishedAt(cluster)).toBe('2026-01-01T00:00:20Z');
  });

  it('of a pod that has not started is immediate', () => {
    const { seen } = lives({
      spec: { volumes: [{ name: 'v', secret: { secretName: 'none' } }] },
      container: { volumeMounts: [{ name: 'v', mountPath: '/v' }] },
    });
    expect(seen).toEqual(['deleted']);
  });

  it('of a pod with finalizers waits for them', () => {
    const { cluster, seen, deletions } = lives({ metadata: { finalizers: ['batch.kubernetes.io/job-tracking'] } });
    expect(seen).toEqual(['Succeeded main=Completed(0)']);
    expect(cluster.pod()!.metadata.deletionGracePeriodSeconds).toBe(0);
    expect(deletions.length).toBe(1);
    cluster.forget().run();
    expect(cluster.mutations.filter(({ type }) => type === 'delete').length).toBe(1);
  });

  it('stops sidecars after the others', () => {
    const { cluster } = lives({ spec: { initContainers: [{ name: 'proxy', image: 'envoy', restartPolicy: 'Always' }] } });
    const { initContainerStatuses, containerStatuses } = cluster.seen.at(-2)!.status as NonNullable<ReturnType<typeof pod>['status']>;
    expect(containerStatuses![0]!.state!.terminated!.finishedAt).toBe('2026-01-01T00:00:01Z');
    expect(initContainerStatuses![0]!.state!.terminated!.finishedAt).toBe('2026-01-01T00:00:02Z');
  });

  it('of a pod that has ended is immediate', () => {
    const cluster = new TestCluster([pod({ spec: { restartPolicy: 'Never' }, container: { command: ['sleep', '1'] } })]).runUntil(2).delete().run();
    expect(cluster.pod()).toBeUndefined();
  });
});
