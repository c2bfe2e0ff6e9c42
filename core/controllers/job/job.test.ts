import { describe, expect, it } from 'vitest';
import type { Job, Pod } from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';
import { end, ready, reap } from '../../testing/kubelet.ts';
import { job } from '../../testing/objects.ts';
import { indexSet, indexText } from './indexes.ts';

async function start(spec: object = {}): Promise<{ cluster: Cluster; pi: Job }> {
  const cluster = await controlled();
  const pi = await cluster.create(job(spec));
  await cluster.settle();
  return { cluster, pi };
}

const active = (cluster: Cluster): Pod[] =>
  cluster.pods.filter(({ status, metadata }) => !['Succeeded', 'Failed'].includes(status!.phase!) && !metadata.deletionTimestamp);

/** `['SuccessCriteriaMet CompletionsReached', …]`: the conditions that are true. */
const conditions = (cluster: Cluster, pi: Job) =>
  (cluster.get(pi).status?.conditions ?? []).filter(({ status }) => status === 'True').map(({ type, reason }) => `${type} ${reason}`);

const index = ({ metadata }: Pod): number => Number(metadata.annotations!['batch.kubernetes.io/job-completion-index']);

const ofIndex = (cluster: Cluster, wanted: number): Pod => active(cluster).find((pod) => index(pod) === wanted)!;

const tracked = (cluster: Cluster): Pod[] => cluster.pods.filter(({ metadata }) => metadata.finalizers?.includes('batch.kubernetes.io/job-tracking'));

describe('a Job', () => {
  it('runs one pod to its end', async () => {
    const { cluster, pi } = await start();
    const [pod] = cluster.pods;
    expect(pod!.metadata.name).toMatch(/^pi-[a-z0-9]{5}$/);
    expect(pod!.metadata).toMatchObject({
      labels: { 'batch.kubernetes.io/job-name': 'pi', 'job-name': 'pi' },
      finalizers: ['batch.kubernetes.io/job-tracking'],
    });
    expect(cluster.get(pi).status).toEqual({ startTime: '2026-01-02T03:04:05Z', active: 1, terminating: 0, ready: 0, uncountedTerminatedPods: {} });
    await ready(cluster, pod!);
    expect(cluster.get(pi).status).toMatchObject({ active: 1, ready: 1 });
    await cluster.pass(7);
    await end(cluster, 'Succeeded', cluster.pods);
    expect(cluster.get(pi).status).toMatchObject({
      succeeded: 1,
      ready: 0,
      terminating: 0,
      completionTime: '2026-01-02T03:04:12Z',
      uncountedTerminatedPods: {},
    });
    expect(cluster.get(pi).status).not.toHaveProperty('active');
    expect(conditions(cluster, pi)).toEqual(['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached']);
    expect(tracked(cluster)).toEqual([]);
    expect(cluster.messages(pi)).toEqual([`SuccessfulCreate: Created pod: ${pod!.metadata.name}`, 'Completed: Job completed']);
  });

  it('keeps as many pods as parallelism says, until the completions are there', async () => {
    const { cluster, pi } = await start({ completions: 5, parallelism: 2 });
    for (const remaining of [2, 2, 2, 2]) {
      expect(active(cluster)).toHaveLength(remaining);
      await end(cluster, 'Succeeded', [active(cluster)[0]!]);
    }
    await end(cluster, 'Succeeded', active(cluster));
    expect(cluster.pods).toHaveLength(5);
    expect(cluster.get(pi).status).toMatchObject({ succeeded: 5 });
    expect(conditions(cluster, pi)).toContain('Complete CompletionsReached');
  });

  it('without completions is a work queue: done when one has succeeded and the others have ended', async () => {
    const { cluster, pi } = await start({ parallelism: 3 });
    const [first, ...others] = active(cluster);
    await end(cluster, 'Succeeded', [first!]);
    expect(active(cluster)).toHaveLength(2);
    expect(conditions(cluster, pi)).toEqual([]);
    await end(cluster, 'Succeeded', others);
    expect(conditions(cluster, pi)).toContain('Complete CompletionsReached');
  });

  it('that is scaled down deletes pods and does not count them', async () => {
    const { cluster, pi } = await start({ completions: 10, parallelism: 4 });
    await ready(cluster, ...cluster.pods);
    await cluster.edit(pi, ({ spec }) => {
      spec!.parallelism = 1;
    });
    await cluster.settle();
    expect(active(cluster)).toHaveLength(1);
    expect(cluster.get(pi).status).toMatchObject({ active: 1, ready: 1, terminating: 3 });
    expect(cluster.get(pi).status).not.toHaveProperty('failed');
    await reap(cluster);
    expect(cluster.get(pi).status).toMatchObject({ active: 1, terminating: 0 });
    expect(cluster.get(pi).status).not.toHaveProperty('failed');
  });

  it('that another controller manages is left alone', async () => {
    const { cluster, pi } = await start({ managedBy: 'example.com/queue' });
    expect(cluster.pods).toEqual([]);
    expect(cluster.get(pi).status).toEqual({});
  });

  it('lets its pods go when it is deleted', async () => {
    const { cluster, pi } = await start();
    await cluster.delete(pi, { propagationPolicy: 'Background' });
    await cluster.settle();
    expect(cluster.list('jobs.batch')).toEqual([]);
    expect(cluster.pods).toEqual([]);
  });

  it('lets its pods live without it when it is deleted as an orphan', async () => {
    const { cluster, pi } = await start();
    await ready(cluster, ...cluster.pods);
    await cluster.delete(pi, { propagationPolicy: 'Orphan' });
    await cluster.settle();
    expect(cluster.list('jobs.batch')).toEqual([]);
    expect(cluster.pods).toHaveLength(1);
    expect(tracked(cluster)).toEqual([]);
  });
});

describe('a Job whose pods fail', () => {
  it('tries again after 10 s, 20 s, 40 s, and fails beyond backoffLimit', async () => {
    const { cluster, pi } = await start({ backoffLimit: 3 });
    for (const wait of [10, 20, 40]) {
      await end(cluster, 'Failed', active(cluster));
      expect(active(cluster)).toEqual([]);
      expect(await cluster.wait()).toBe(wait);
      expect(active(cluster)).toHaveLength(1);
    }
    expect(cluster.get(pi).status).toMatchObject({ failed: 3, active: 1 });
    await end(cluster, 'Failed', active(cluster));
    expect(conditions(cluster, pi)).toEqual(['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded']);
    expect(cluster.get(pi).status).toMatchObject({ failed: 4 });
    expect(cluster.messages(pi)).toContain('BackoffLimitExceeded: Job has reached the specified backoff limit');
    expect(await cluster.wait()).toBeUndefined();
  });

  it('starts its back-off anew after a success', async () => {
    const { cluster } = await start({ completions: 3, parallelism: 1 });
    await end(cluster, 'Failed', active(cluster));
    expect(await cluster.wait()).toBe(10);
    await cluster.pass(1);
    await end(cluster, 'Succeeded', active(cluster));
    await cluster.pass(1);
    await end(cluster, 'Failed', active(cluster));
    expect(await cluster.wait()).toBe(10);
  });

  it('counts restarts with restartPolicy OnFailure', async () => {
    const { cluster, pi } = await start({ backoffLimit: 2, template: { spec: { containers: [{ name: 'pi', image: 'perl' }], restartPolicy: 'OnFailure' } } });
    await ready(cluster, ...cluster.pods);
    await cluster.edit(
      cluster.pods[0]!,
      (pod) => {
        pod.status!.containerStatuses = [{ name: 'pi', image: 'perl', imageID: '', ready: false, restartCount: 2 }];
      },
      'status',
    );
    await cluster.settle();
    expect(conditions(cluster, pi)).toEqual(['FailureTarget BackoffLimitExceeded']);
    await reap(cluster);
    expect(conditions(cluster, pi)).toEqual(['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded']);
  });

  it('stops its pods and counts them as failed after activeDeadlineSeconds', async () => {
    const { cluster, pi } = await start({ activeDeadlineSeconds: 30, parallelism: 2, completions: 2 });
    await ready(cluster, ...cluster.pods);
    expect(await cluster.wait()).toBe(30);
    expect(conditions(cluster, pi)).toEqual(['FailureTarget DeadlineExceeded']);
    expect(cluster.get(pi).status).toMatchObject({ failed: 2, terminating: 2, ready: 0 });
    expect(await reap(cluster)).toBe(2);
    expect(conditions(cluster, pi)).toEqual(['FailureTarget DeadlineExceeded', 'Failed DeadlineExceeded']);
    expect(cluster.get(pi).status).toMatchObject({ failed: 2, terminating: 0 });
  });

  it('replaces a pod that is deleted at once, or with podReplacementPolicy Failed when it is gone', async () => {
    const eager = await start();
    await ready(eager.cluster, ...eager.cluster.pods);
    await eager.cluster.delete(eager.cluster.pods[0]!);
    await eager.cluster.settle();
    expect(eager.cluster.get(eager.pi).status).toMatchObject({ failed: 1, terminating: 1 });
    const patient = await start({ podReplacementPolicy: 'Failed' });
    await ready(patient.cluster, ...patient.cluster.pods);
    await patient.cluster.delete(patient.cluster.pods[0]!);
    await patient.cluster.pass(100);
    expect(active(patient.cluster)).toEqual([]);
    expect(patient.cluster.get(patient.pi).status).not.toHaveProperty('failed');
  });
});

describe('podFailurePolicy', () => {
  const rule = (action: string, more: object) => ({ podFailurePolicy: { rules: [{ action, ...more }] } });
  const onExitCodes = { onExitCodes: { operator: 'In', values: [42] } };

  it('FailJob fails the Job at once', async () => {
    const { cluster, pi } = await start(rule('FailJob', onExitCodes));
    const [pod] = cluster.pods;
    await end(cluster, 'Failed', [pod!], 42);
    expect(conditions(cluster, pi)).toEqual(['FailureTarget PodFailurePolicy', 'Failed PodFailurePolicy']);
    expect(cluster.get(pi).status!.conditions![0]!.message).toBe(
      `Container pi for pod default/${pod!.metadata.name} failed with exit code 42 matching FailJob rule at index 0`,
    );
  });

  it('Ignore does not count the failure', async () => {
    const { cluster, pi } = await start({ backoffLimit: 0, ...rule('Ignore', onExitCodes) });
    await end(cluster, 'Failed', cluster.pods, 42);
    expect(cluster.get(pi).status).not.toHaveProperty('failed');
    expect(await cluster.wait()).toBe(10);
    expect(active(cluster)).toHaveLength(1);
    await end(cluster, 'Failed', active(cluster), 1);
    expect(conditions(cluster, pi)).toContain('Failed BackoffLimitExceeded');
  });

  it('matches the conditions of a pod', async () => {
    const { cluster, pi } = await start(rule('FailJob', { onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }));
    await cluster.edit(
      cluster.pods[0]!,
      (pod) => {
        pod.status = { phase: 'Failed', conditions: [{ type: 'DisruptionTarget', status: 'True' }] };
      },
      'status',
    );
    await cluster.settle();
    expect(conditions(cluster, pi)).toContain('Failed PodFailurePolicy');
  });
});

describe('an Indexed Job', () => {
  const indexed = { completionMode: 'Indexed', completions: 5, parallelism: 3 };

  it('gives each pod its index', async () => {
    const { cluster } = await start(indexed);
    expect(cluster.pods.map(index).sort()).toEqual([0, 1, 2]);
    const pod = ofIndex(cluster, 1);
    expect(pod.metadata.name).toMatch(/^pi-1-[a-z0-9]{5}$/);
    expect(pod.metadata.labels).toMatchObject({ 'batch.kubernetes.io/job-completion-index': '1' });
    expect(pod.spec!.hostname).toBe('pi-1');
    expect(pod.spec!.containers[0]!.env).toEqual([
      { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" } } },
    ]);
  });

  it('completes each index once', async () => {
    const { cluster, pi } = await start(indexed);
    await end(cluster, 'Succeeded', [ofIndex(cluster, 0), ofIndex(cluster, 2)]);
    expect(cluster.get(pi).status).toMatchObject({ completedIndexes: '0,2', succeeded: 2, active: 3 });
    expect(active(cluster).map(index).sort()).toEqual([1, 3, 4]);
    await end(cluster, 'Failed', [ofIndex(cluster, 1)]);
    await cluster.wait();
    expect(active(cluster).map(index).sort()).toEqual([1, 3, 4]);
    await end(cluster, 'Succeeded', active(cluster));
    expect(cluster.get(pi).status).toMatchObject({ completedIndexes: '0-4', succeeded: 5, failed: 1 });
    expect(conditions(cluster, pi)).toContain('Complete CompletionsReached');
  });

  it('ends early when its successPolicy is met', async () => {
    const { cluster, pi } = await start({ ...indexed, parallelism: 5, successPolicy: { rules: [{ succeededIndexes: '1-3', succeededCount: 2 }] } });
    await ready(cluster, ...cluster.pods);
    await end(cluster, 'Succeeded', [ofIndex(cluster, 0), ofIndex(cluster, 1)]);
    expect(conditions(cluster, pi)).toEqual([]);
    await end(cluster, 'Succeeded', [ofIndex(cluster, 3)]);
    expect(conditions(cluster, pi)).toEqual(['SuccessCriteriaMet SuccessPolicy']);
    expect(await reap(cluster)).toBe(2);
    expect(conditions(cluster, pi)).toEqual(['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy']);
    expect(cluster.get(pi).status).toMatchObject({ succeeded: 3, completedIndexes: '0,1,3' });
    expect(cluster.get(pi).status).not.toHaveProperty('failed');
  });

  it('has limits for each index', async () => {
    const { cluster, pi } = await start({ completionMode: 'Indexed', completions: 2, parallelism: 2, backoffLimitPerIndex: 1 });
    expect(cluster.get(pi).spec!.backoffLimit).toBe(2147483647);
    await end(cluster, 'Failed', [ofIndex(cluster, 0)]);
    expect(cluster.get(pi).status).toMatchObject({ failedIndexes: '' });
    expect(await cluster.wait()).toBe(10);
    expect(ofIndex(cluster, 0).metadata.annotations).toMatchObject({ 'batch.kubernetes.io/job-index-failure-count': '1' });
    expect(cluster.get(pi).status).toMatchObject({ failed: 1 });
    await end(cluster, 'Failed', [ofIndex(cluster, 0)]);
    expect(cluster.get(pi).status).toMatchObject({ failedIndexes: '0', failed: 2 });
    await end(cluster, 'Succeeded', [ofIndex(cluster, 1)]);
    expect(conditions(cluster, pi)).toEqual(['FailureTarget FailedIndexes', 'Failed FailedIndexes']);
    expect(tracked(cluster)).toEqual([]);
  });

  it('fails when too many indexes have failed', async () => {
    const { cluster, pi } = await start({ completionMode: 'Indexed', completions: 4, parallelism: 4, backoffLimitPerIndex: 0, maxFailedIndexes: 1 });
    await end(cluster, 'Failed', [ofIndex(cluster, 0)]);
    expect(conditions(cluster, pi)).toEqual([]);
    await end(cluster, 'Failed', [ofIndex(cluster, 2)]);
    expect(conditions(cluster, pi)).toContain('Failed MaxFailedIndexesExceeded');
  });
});

describe('a suspended Job', () => {
  it('has no pods, and starts when it is resumed', async () => {
    const { cluster, pi } = await start({ suspend: true });
    expect(cluster.pods).toEqual([]);
    expect(cluster.get(pi).status).not.toHaveProperty('startTime');
    expect(conditions(cluster, pi)).toEqual(['Suspended JobSuspended']);
    await cluster.edit(pi, ({ spec }) => {
      spec!.suspend = false;
    });
    await cluster.pass(5);
    expect(active(cluster)).toHaveLength(1);
    expect(conditions(cluster, pi)).toEqual([]);
    expect(cluster.get(pi).status!.startTime).toBe('2026-01-02T03:04:10Z');
    expect(cluster.messages(pi)).toEqual(expect.arrayContaining(['Suspended: Job suspended', 'Resumed: Job resumed']));
  });

  it('that was running loses its pods, and its deadline starts anew', async () => {
    const { cluster, pi } = await start({ activeDeadlineSeconds: 100 });
    await ready(cluster, ...cluster.pods);
    await cluster.edit(pi, ({ spec }) => {
      spec!.suspend = true;
    });
    await cluster.pass(50);
    expect(active(cluster)).toEqual([]);
    await reap(cluster);
    expect(cluster.get(pi).status).not.toHaveProperty('failed');
    await cluster.edit(pi, ({ spec }) => {
      spec!.suspend = false;
    });
    await cluster.settle();
    expect(active(cluster)).toHaveLength(1);
    expect(await cluster.wait()).toBe(100);
    expect(conditions(cluster, pi)).toContain('FailureTarget DeadlineExceeded');
  });
});

describe('ttlSecondsAfterFinished', () => {
  it('deletes the Job and its pods that long after its end', async () => {
    const { cluster } = await start({ ttlSecondsAfterFinished: 60 });
    await end(cluster, 'Succeeded', cluster.pods);
    expect(cluster.list('jobs.batch')).toHaveLength(1);
    expect(await cluster.wait()).toBe(60);
    expect(cluster.list('jobs.batch')).toEqual([]);
    expect(cluster.pods).toEqual([]);
  });
});

describe('sets of indexes', () => {
  it.each(['', '0', '0,1', '0-2', '1,3-5,7,8', '0-9'])('%s reads back', (text) => {
    expect(indexText(indexSet(text, 100))).toBe(text);
  });

  it('leave out what is beyond the completions', () => {
    expect(indexText(indexSet('0,3-8', 5))).toBe('0,3,4');
  });
});
