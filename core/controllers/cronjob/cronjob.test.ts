import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../resources/batch/schedule.ts';
import type { CronJob, Job } from '../../resources/generated/kinds.ts';
import { Cluster, job } from '../testing.ts';
import { lastTime, nextTime } from './schedule-times.ts';

const at = (text: string) => Date.parse(text);
const text = (time: number | undefined) => time && new Date(time).toISOString();

describe('the next time of a schedule', () => {
  const cases: [schedule: string, after: string, want: string, zone?: string][] = [
    ['*/15 * * * *', '2026-01-02T03:04:05Z', '2026-01-02T03:15:00.000Z'],
    ['4 3 * * *', '2026-01-02T03:04:00Z', '2026-01-03T03:04:00.000Z'],
    ['0 0 1 * *', '2026-01-02T03:04:05Z', '2026-02-01T00:00:00.000Z'],
    ['0 0 29 2 *', '2026-01-02T03:04:05Z', '2028-02-29T00:00:00.000Z'],
    ['30 9 * * 1-5', '2026-01-02T12:00:00Z', '2026-01-05T09:30:00.000Z'],
    ['0 0 13 * 5', '2026-01-02T03:04:05Z', '2026-01-09T00:00:00.000Z'],
    ['0 0 13 * *', '2026-01-02T03:04:05Z', '2026-01-13T00:00:00.000Z'],
    ['@every 90s', '2026-01-02T03:04:05Z', '2026-01-02T03:05:35.000Z'],
    ['0 9 * * *', '2026-01-02T03:04:05Z', '2026-01-02T14:00:00.000Z', 'America/New_York'],
    ['0 9 * * *', '2026-07-02T03:04:05Z', '2026-07-02T13:00:00.000Z', 'America/New_York'],
    // The clock jumps from 2:00 to 3:00 on March 29.
    ['30 2 * * *', '2026-03-28T12:00:00Z', '2026-03-30T00:30:00.000Z', 'Europe/Berlin'],
    ['0 0 * * *', '2026-03-28T23:30:00Z', '2026-03-29T22:00:00.000Z', 'Europe/Berlin'],
    ['30 5 * * *', '2026-01-02T03:04:05Z', '2026-01-02T23:45:00.000Z', 'Asia/Kathmandu'],
  ];
  it.each(cases)('%s after %s is %s', (schedule, after, want, zone) => {
    expect(text(nextTime(parseSchedule(schedule), at(after), zone))).toBe(want);
  });

  it('does not exist for February 30', () => {
    expect(nextTime(parseSchedule('0 0 30 2 *'), at('2026-01-01T00:00:00Z'))).toBeUndefined();
  });
});

it('the last of many missed times is found without going through them all', () => {
  const last = lastTime(parseSchedule('* * * * *'), { after: at('2016-01-01T00:00:00Z'), now: at('2026-01-02T03:04:05Z'), limit: 100 });
  expect(text(last!.time)).toBe('2026-01-02T03:04:00.000Z');
  expect(last!.count).toBe(100);
});

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
