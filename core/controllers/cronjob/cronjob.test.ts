import { describe, expect, it } from 'vitest';
import type { CronJob } from '../../schema/generated/kinds.ts';
import { isOf } from '../../state/change.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';
import { end, ready } from '../../testing/kubelet.ts';
import { job } from '../../testing/objects.ts';

const at = (text: string) => Date.parse(text);

const cronJob = (spec: object = {}): CronJob => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'tick', namespace: 'default' },
  spec: { schedule: '*/10 * * * *', jobTemplate: { spec: job().spec! }, ...spec },
});

async function start(spec: object = {}): Promise<{ cluster: Cluster; tick: CronJob }> {
  const cluster = await controlled();
  const tick = await cluster.create(cronJob(spec));
  await cluster.settle();
  return { cluster, tick };
}

const jobs = (cluster: Cluster) => cluster.list('jobs.batch');

describe('a CronJob', () => {
  it('starts a Job at each time, and sleeps in between', async () => {
    const { cluster, tick } = await start();
    expect(jobs(cluster)).toEqual([]);
    expect(await cluster.wait()).toBe(5 * 60 + 55);
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
    await end(cluster, 'Succeeded', cluster.pods);
    expect(cluster.get(tick).status).toEqual({ lastScheduleTime: '2026-01-02T03:10:00Z', lastSuccessfulTime: '2026-01-02T03:10:00Z' });
    expect(await cluster.wait()).toBe(600);
    expect(jobs(cluster)).toHaveLength(2);
    expect(cluster.messages(tick)).toContain(`SawCompletedJob: Saw completed job: ${first!.metadata.name}, condition: Complete`);
  });

  it('tells of the time and of the Job in one write, as a watch shows it', async () => {
    const { cluster } = await start();
    await cluster.wait();
    const seen = cluster.changes.filter((change) => isOf(change, 'cronjobs.batch') && change.type === 'MODIFIED');
    expect(seen.map(({ object }) => (object as CronJob).status)).toMatchObject([{ lastScheduleTime: '2026-01-02T03:10:00Z', active: [{ kind: 'Job' }] }]);
  });

  it('catches up with the last missed time only', async () => {
    const { cluster } = await start();
    await cluster.pass(3600);
    expect(jobs(cluster).map(({ metadata }) => metadata.name)).toEqual([`tick-${at('2026-01-02T04:00:00Z') / 60_000}`]);
  });

  it('that runs at an interval keeps step, whatever else makes the controller look', async () => {
    const { cluster, tick } = await start({ schedule: '@every 10m' });
    await cluster.pass(60);
    await cluster.edit(tick, ({ metadata }) => {
      metadata.labels = { touched: 'yes' };
    });
    expect(await cluster.wait()).toBe(540);
    expect(jobs(cluster)).toHaveLength(1);
  });

  it('tells a Job its time by the clocks of the zone', async () => {
    const { cluster } = await start({ schedule: '11 5 * * *', timeZone: 'Europe/Berlin' });
    await cluster.pass(24 * 3600);
    expect(jobs(cluster)[0]!.metadata.annotations).toEqual({ 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-02T05:11:00+01:00' });
  });

  it('whose time never comes says so, once', async () => {
    const { cluster, tick } = await start({ schedule: '59 23 31 2 *' });
    await cluster.edit(tick, ({ metadata }) => {
      metadata.labels = { touched: 'yes' };
    });
    await cluster.settle();
    expect(cluster.list('events')).toMatchObject([
      {
        type: 'Warning',
        reason: 'InvalidSchedule',
        message: 'invalid schedule: 59 23 31 2 * : time difference between two schedules is less than 1 second',
        count: 1,
      },
    ]);
  });

  it('leaves alone a Job that a user made of it, and does not count it as running', async () => {
    const { cluster, tick } = await start({ concurrencyPolicy: 'Forbid' });
    await cluster.create({
      ...job(),
      metadata: {
        name: 'mine',
        namespace: 'default',
        annotations: { 'cronjob.kubernetes.io/instantiate': 'manual' },
        ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'tick', uid: tick.metadata.uid!, controller: true }],
      },
    });
    await cluster.settle();
    await cluster.wait();
    expect(jobs(cluster).map(({ metadata }) => metadata.name)).toEqual(['mine', `tick-${at('2026-01-02T03:10:00Z') / 60_000}`]);
    expect(cluster.get(tick).status!.active).toHaveLength(1);
    expect(cluster.messages(tick)).toContain('UnexpectedJob: Saw a job that the controller did not create or forgot: mine');
  });

  it('does not start one that missed its deadline', async () => {
    const { cluster } = await start({ startingDeadlineSeconds: 60 });
    await cluster.pass(10 * 60);
    expect(jobs(cluster)).toEqual([]);
  });

  it('does not start another one beside it with Forbid', async () => {
    const { cluster, tick } = await start({ concurrencyPolicy: 'Forbid' });
    await cluster.wait();
    await cluster.wait();
    await ready(cluster, ...cluster.pods);
    expect(jobs(cluster)).toHaveLength(1);
    await end(cluster, 'Succeeded', cluster.pods);
    expect(jobs(cluster)).toHaveLength(2);
    expect(cluster.messages(tick).filter((message) => message.startsWith('JobAlreadyActive'))).toHaveLength(1);
    expect(cluster.messages(tick)).toContain('JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid');
  });

  it('replaces the running one with Replace', async () => {
    const { cluster } = await start({ concurrencyPolicy: 'Replace' });
    await cluster.wait();
    const [first] = jobs(cluster);
    await cluster.wait();
    expect(jobs(cluster)).toHaveLength(1);
    expect(jobs(cluster)[0]!.metadata.name).not.toBe(first!.metadata.name);
  });

  it('keeps as many finished Jobs as its limits say', async () => {
    const { cluster } = await start({ successfulJobsHistoryLimit: 2 });
    for (let i = 0; i < 4; i++) {
      await cluster.wait();
      await end(
        cluster,
        'Succeeded',
        cluster.pods.filter(({ status }) => status!.phase === 'Pending'),
      );
    }
    expect(jobs(cluster)).toHaveLength(2);
  });

  it('does nothing while it is suspended', async () => {
    const { cluster, tick } = await start({ suspend: true });
    await cluster.pass(3600);
    expect(jobs(cluster)).toEqual([]);
    await cluster.edit(tick, ({ spec }) => {
      spec!.suspend = false;
    });
    await cluster.settle();
    expect(jobs(cluster)).toHaveLength(1);
  });
});
