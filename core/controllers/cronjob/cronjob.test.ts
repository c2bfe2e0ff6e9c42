import { describe, expect, it } from 'vitest';
import type { CronJob, Job } from '../../schema/generated/kinds.ts';
import { Cluster, job } from '../testing.ts';

const at = (text: string) => Date.parse(text);

const cronJob = (spec: object = {}): CronJob => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'tick', namespace: 'default' },
  spec: { schedule: '*/10 * * * *', jobTemplate: { spec: job().spec! }, ...spec },
});

function start(spec: object = {}): { cluster: Cluster; tick: CronJob } {
  const cluster = new Cluster();
  const tick = cluster.create(cronJob(spec));
  cluster.settle();
  return { cluster, tick };
}

const jobs = (cluster: Cluster) => cluster.list<Job>('jobs.batch');

describe('a CronJob', () => {
  it('starts a Job at each time, and sleeps in between', () => {
    const { cluster, tick } = start();
    expect(jobs(cluster)).toEqual([]);
    expect(cluster.wait()).toBe(5 * 60 + 55);
    const [first] = jobs(cluster);
    expect(first!.metadata).toMatchObject({
      name: `tick-${at('2026-01-02T03:10:00Z') / 60_000}`,
      annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-02T03:10:00Z' },
      ownerReferences: [{ kind: 'CronJob', name: 'tick', controller: true }],
    });
    expect(cluster.pods).toHaveLength(1);
    expect(cluster.get(tick).status).toMatchObject({
      active: [{ name: first!.metadata.name, uid: first!.metadata.uid }],
      lastScheduleTime: '2026-01-02T03:10:00Z',
    });
    cluster.end('Succeeded', cluster.pods);
    expect(cluster.get(tick).status).toEqual({ lastScheduleTime: '2026-01-02T03:10:00Z', lastSuccessfulTime: '2026-01-02T03:10:00Z' });
    expect(cluster.wait()).toBe(600);
    expect(jobs(cluster)).toHaveLength(2);
    expect(cluster.messages(tick)).toContain(`SawCompletedJob: Saw completed job: ${first!.metadata.name}, condition: Complete`);
  });

  it('catches up with the last missed time only', () => {
    const { cluster } = start();
    cluster.pass(3600);
    expect(jobs(cluster).map(({ metadata }) => metadata.name)).toEqual([`tick-${at('2026-01-02T04:00:00Z') / 60_000}`]);
  });

  it('that runs at an interval keeps step, whatever else makes the controller look', () => {
    const { cluster, tick } = start({ schedule: '@every 10m' });
    cluster.pass(60);
    cluster.edit(tick, ({ metadata }) => {
      metadata.labels = { touched: 'yes' };
    });
    expect(cluster.wait()).toBe(540);
    expect(jobs(cluster)).toHaveLength(1);
  });

  it('does not start one that missed its deadline', () => {
    const { cluster } = start({ startingDeadlineSeconds: 60 });
    cluster.pass(10 * 60);
    expect(jobs(cluster)).toEqual([]);
  });

  it('does not start another one beside it with Forbid', () => {
    const { cluster, tick } = start({ concurrencyPolicy: 'Forbid' });
    cluster.wait();
    cluster.wait();
    cluster.ready(...cluster.pods);
    expect(jobs(cluster)).toHaveLength(1);
    cluster.end('Succeeded', cluster.pods);
    expect(jobs(cluster)).toHaveLength(2);
    expect(cluster.messages(tick).filter((message) => message.startsWith('JobAlreadyActive'))).toHaveLength(1);
    expect(cluster.messages(tick)).toContain('JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid');
  });

  it('replaces the running one with Replace', () => {
    const { cluster } = start({ concurrencyPolicy: 'Replace' });
    cluster.wait();
    const [first] = jobs(cluster);
    cluster.wait();
    expect(jobs(cluster)).toHaveLength(1);
    expect(jobs(cluster)[0]!.metadata.name).not.toBe(first!.metadata.name);
  });

  it('keeps as many finished Jobs as its limits say', () => {
    const { cluster } = start({ successfulJobsHistoryLimit: 2 });
    for (let i = 0; i < 4; i++) {
      cluster.wait();
      cluster.end(
        'Succeeded',
        cluster.pods.filter(({ status }) => status!.phase === 'Pending'),
      );
    }
    expect(jobs(cluster)).toHaveLength(2);
  });

  it('does nothing while it is suspended', () => {
    const { cluster, tick } = start({ suspend: true });
    cluster.pass(3600);
    expect(jobs(cluster)).toEqual([]);
    cluster.edit(tick, ({ spec }) => {
      spec!.suspend = false;
    });
    cluster.settle();
    expect(jobs(cluster)).toHaveLength(1);
  });
});
