import { describe, expect, it } from 'vitest';
import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import { bootstrap } from '../bootstrap/bootstrap.ts';
import { bootstrapObjects } from '../bootstrap/initial-objects.ts';
import { systemEnv } from '../env.ts';
import { elapsedAt, realInstant } from '../instant.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { clusterClock } from '../replica/cluster-clock.ts';
import { Replica } from '../replica/replica.ts';
import { configMap, namespace } from '../testing/objects.ts';
import { type TestServer, testServer } from '../testing/server.ts';
import { DAY, HOUR, SECOND, start } from '../testing/timed-cluster.ts';
import { begin, create, job, jobOf, runs, secondsUntilOver, waiting } from '../testing/waits.ts';
import { advance, setRate } from './clock.ts';

const MINUTE = 60 * SECOND;

const cronJob = (name: string, schedule: string) =>
  create(
    'cronjobs.batch',
    'CronJob',
    name,
    { schedule, concurrencyPolicy: 'Allow', jobTemplate: { spec: { template: { spec: runs('exit 0', { restartPolicy: 'Never' }) } } } },
    'batch/v1',
  );

describe.each(waiting)('$name', (what) => {
  it.each([{ rate: 60 }, { rate: 7 }, { rate: 0.1 }])('is over in its time by the clock of a cluster at rate $rate', async ({ rate }) => {
    const cluster = await start();
    await cluster.setRate(rate);
    await begin(cluster, what, rate);
    const seconds = await secondsUntilOver(cluster, what, rate);
    expect(seconds).toBeLessThanOrEqual(what.most);
    expect(seconds).toBeGreaterThanOrEqual(what.least);
  });

  it('is over in its time after the rate has changed meanwhile', async () => {
    const cluster = await start();
    await cluster.setRate(60);
    await begin(cluster, what, 60);
    await cluster.setRate(0.1);
    await cluster.pass(10 * SECOND);
    await cluster.setRate(60);
    expect(await secondsUntilOver(cluster, what, 60)).toBeLessThanOrEqual(what.most);
  });

  it('is over after an advance, and not before, in a cluster whose time stands still', async () => {
    const cluster = await start();
    await begin(cluster, what);
    await cluster.setRate(0);
    const { offset } = cluster.state();
    await cluster.pass(2 * DAY);
    expect(cluster.state().offset).toBe(offset);
    expect(cluster.asked()).toEqual([]);
    for (let seconds = 0; seconds < what.most + 5 && !what.isOver(cluster.state()); seconds++) await cluster.advance(SECOND);
    expect(what.isOver(cluster.state())).toBe(true);
  });
});

describe('a CronJob of every minute', () => {
  it('runs sixty times in a minute of real time at rate 60', async () => {
    const cluster = await start();
    await cluster.setRate(60);
    await cluster.do(cronJob('often', '* * * * *'));
    await cluster.pass(MINUTE);
    const jobs = await cluster.created('jobs.batch');
    expect(jobs).toHaveLength(60);
    expect(new Set(jobs).size).toBe(60);
  });

  it('runs once for all that it missed when time is put forward by three hours', async () => {
    const cluster = await start();
    await cluster.do(cronJob('often', '* * * * *'));
    await cluster.pass(MINUTE + SECOND);
    const before = await cluster.created('jobs.batch');
    await cluster.advance(3 * HOUR);
    const after = await cluster.created('jobs.batch');
    expect(after).toEqual([...before, `often-${Math.floor(cluster.now() / MINUTE)}`]);
  });
});

describe('an advance', () => {
  it('ends what is due by then, and nothing else', async () => {
    const cluster = await start();
    await cluster.do(job('two', 'exit 0', { ttlSecondsAfterFinished: 7_200 }), job('four', 'exit 0', { ttlSecondsAfterFinished: 14_400 }));
    await cluster.do(cronJob('daily', '0 12 * * *'));
    await cluster.pass(10 * SECOND);
    await cluster.setRate(0);
    await cluster.advance(3 * HOUR);
    expect([jobOf(cluster.state(), 'two'), jobOf(cluster.state(), 'four')?.metadata.name]).toEqual([undefined, 'four']);
    expect(await cluster.created('jobs.batch')).toEqual(['two', 'four']);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 10_000 * 365 * DAY])('of %d ms is refused', async (ms) => {
    const cluster = await start();
    await expect(cluster.advance(ms)).rejects.toThrow(RangeError);
  });
});

describe('the rate', () => {
  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 86_401])('is not %d', async (rate) => {
    const cluster = await start();
    await expect(cluster.setRate(rate)).rejects.toThrow(RangeError);
  });

  it('is written once', async () => {
    const cluster = await start();
    await cluster.setRate(60);
    const { offset } = cluster.state();
    await cluster.setRate(60);
    expect(cluster.state().offset).toBe(offset);
  });

  it('makes a wake-up of an hour one of a minute, and one of a minute one of an hour', async () => {
    const cluster = await start();
    await cluster.do(cronJob('hourly', '0 * * * *'));
    expect(cluster.asked()).toEqual([HOUR]);
    await cluster.setRate(60);
    expect(Math.min(...cluster.asked())).toBe(MINUTE);
    await cluster.restart();
    expect(cluster.asked()).toEqual([MINUTE]);
    await cluster.setRate(1 / 60);
    await cluster.restart();
    expect(cluster.asked()).toEqual([60 * HOUR]);
  });

  it('is the same in the next process, and has gone on while there was none', async () => {
    const cluster = await start();
    await cluster.setRate(60);
    const before = cluster.now();
    await cluster.restart({ after: HOUR });
    expect(cluster.now() - before).toBe(60 * HOUR);
    await cluster.pass(SECOND);
    expect(cluster.now() - before).toBe(60 * HOUR + MINUTE);
  });

  it('is the same in a process that begins with a snapshot', async () => {
    const cluster = await start();
    await cluster.setRate(60);
    await cluster.advance(HOUR);
    const before = cluster.now();
    await cluster.snapshot();
    await cluster.restart({ after: HOUR });
    expect(cluster.now() - before).toBe(60 * HOUR);
  });

  it('of 0 is the same in the next process', async () => {
    const cluster = await start();
    await cluster.setRate(0);
    const before = cluster.now();
    await cluster.restart({ after: DAY });
    expect(cluster.now()).toBe(before);
    await cluster.setRate(1);
    await cluster.pass(SECOND);
    expect(cluster.now() - before).toBe(SECOND);
  });

  it('does not let the time stand still when the wall clock is set back, and is taken along when it is set forward', async () => {
    const cluster = await start();
    await cluster.setRate(60);
    const before = cluster.now();
    cluster.set(-400 * DAY);
    await cluster.pass(SECOND);
    expect(cluster.now() - before).toBe(MINUTE);
    cluster.set(400 * DAY + HOUR);
    await cluster.pass(SECOND);
    expect(cluster.now() - before).toBe(2 * MINUTE + 60 * HOUR);
  });

  it('goes on in the next process from a log that is ahead of the wall clock', async () => {
    const cluster = await start();
    cluster.set(400 * DAY);
    await cluster.setRate(60);
    cluster.set(-400 * DAY);
    await cluster.do(job('any', 'exit 0'));
    const before = cluster.now();
    await cluster.restart({ after: HOUR });
    expect(cluster.now() - before).toBe(60 * HOUR);
  });
});

describe('a client', () => {
  const rateOf = ({ replica }: TestServer) => replica.state.view(clusterClock).rate;

  it('sets no clock by what it writes', async () => {
    const server = await testServer({ objects: [namespace('kube-system')] });
    await setRate(server.replica, 60);
    const data = { rate: '0', since: '2030-01-01T00:00:00.000Z', realSince: '2030-01-01T00:00:00.000Z' };
    await server.create(configMap('cluster-clock', { namespace: 'kube-system', data }));
    expect(rateOf(server)).toBe(60);
    expect((await server.request('DELETE /api/v1/namespaces/kube-system/configmaps/cluster-clock')).code).toBe(200);
    expect(rateOf(server)).toBe(60);
  });

  it('reaches no object that keeps the setting, however privileged', async () => {
    const server = await testServer();
    await setRate(server.replica, 60);
    const object = { apiVersion: 'v1', kind: 'ClusterClock', metadata: { name: 'cluster' }, spec: { rate: 0 } };
    for (const collection of ['/api/v1/clusterclocks', '/api/v1/namespaces/default/clusterclocks', '/api/v1/namespaces//clusterclocks']) {
      expect((await server.request(`GET ${collection}`)).code).toBe(404);
      expect((await server.request(`POST ${collection}`, { body: object })).code).toBe(404);
      for (const method of ['GET', 'PUT', 'DELETE'])
        expect((await server.request(`${method} ${collection}/cluster`, method === 'PUT' ? { body: object } : {})).code).toBe(404);
    }
    expect(rateOf(server)).toBe(60);
  });
});

describe('two processes on one log', () => {
  it('have one time, whichever of them sets the clock', async () => {
    let passed = 0;
    const skewed = (skew: number) => ({
      ...systemEnv,
      clock: { ...systemEnv.clock, now: () => realInstant(Date.UTC(2026, 0, 1) + passed + skew), elapsed: () => elapsedAt(passed) },
    });
    const log = memoryLog();
    const [one, other] = [skewed(0), skewed(200)];
    const first = await Replica.open({ log, cluster: 'c', env: one });
    await bootstrap(first, { objects: bootstrapObjects(first.now()), env: one, admissionPlugins: defaultAdmissionPlugins });
    const second = await Replica.open({ log, cluster: 'c', env: other });
    for (const set of [() => setRate(first, 60), () => advance(second, HOUR), () => setRate(second, 0), () => setRate(first, 0.1)]) {
      await set();
      passed += MINUTE;
      for (const replica of [first, second]) await replica.catchUp();
      // 200 ms of difference between the wall clocks, at a rate of 60.
      expect(Math.abs(first.now() - second.now())).toBeLessThanOrEqual(12_000);
    }
  });
});
