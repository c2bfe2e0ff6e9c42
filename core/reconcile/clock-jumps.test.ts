import { describe, expect, it } from 'vitest';
import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import type { Mutation } from '../apis/mutation.ts';
import { bootstrap } from '../bootstrap/bootstrap.ts';
import { bootstrapObjects } from '../bootstrap/initial-objects.ts';
import { controllersReconciler } from '../controllers/registry.ts';
import { decision } from '../decide/testing.ts';
import { type Env, idsFrom } from '../env.ts';
import type { KubeObject } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { nodeObjects } from '../nodes/node-objects.ts';
import { nodesReconciler } from '../nodes/nodes.ts';
import { simulatedRuntime } from '../nodes/runtimes/simulated.ts';
import { Replica } from '../replica/replica.ts';
import { schedulerReconciler } from '../scheduler/scheduler.ts';
import type { Job, Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import { Runner } from './runner.ts';
import { Timers } from './timers.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.parse('2026-01-01T00:00:00Z');

/** A whole cluster whose wall clock may be set, while real time passes as it does. */
async function start() {
  let [elapsed, set, seed] = [0, 0, 1];
  const random = {
    next: () => {
      seed = (seed * 16807) % 2147483647;
      return seed / 2147483647;
    },
  };
  const clock = { now: () => START + elapsed + set, elapsed: () => elapsed, sleep: async () => {}, turn: async () => {} };
  const env: Env = { clock, random, ids: idsFrom(random) };
  const log = memoryLog();
  let replica: Replica;
  let runners: Map<string, Runner>;
  let timers: Timers;
  /** Wake-ups that are to come, in real time. */
  let due: { reconciler: string; at: number }[] = [];

  async function open(): Promise<void> {
    replica = await Replica.open({ log, cluster: 'c', env, exclusive: true, freeze: true });
    await bootstrap(replica, { objects: [...bootstrapObjects(START), ...nodeObjects(1, START)], env, admissionPlugins: defaultAdmissionPlugins });
    const reconcilers = [schedulerReconciler(), controllersReconciler(), nodesReconciler({ runtime: simulatedRuntime })];
    runners = new Map(reconcilers.map((reconciler) => [reconciler.name, new Runner({ admissionPlugins: defaultAdmissionPlugins, replica, reconciler, env })]));
    due = [];
    timers = new Timers({ appended: async () => {}, later: async (_, reconciler, delayMs) => void due.push({ reconciler, at: elapsed + delayMs }) }, clock);
  }

  /** What an append wakes: everything, until nobody writes any more. */
  async function settle(): Promise<void> {
    for (let before = -1; before < replica.state.offset; ) {
      before = replica.state.offset;
      for (const [name, runner] of runners) await timers.next('c', name, await runner.run(), replica.now());
    }
  }

  await open();
  await settle();
  return {
    state: (): State => replica.state,
    /** Somebody sets the wall clock. */
    set: (ms: number) => {
      set += ms;
    },
    restart: async () => {
      await open();
      await settle();
    },
    do: async (...mutations: Mutation[]) => {
      for (const mutation of mutations)
        await replica.commit((state, now) => ({ events: decision(state, mutation, { env, now, actor: userNamed('client') }).events, answer: () => undefined }));
      await settle();
    },
    /** Real time passes; only what was asked for, and not before its time, runs meanwhile. */
    pass: async (ms: number) => {
      const until = elapsed + ms;
      for (;;) {
        const next = due.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        due.splice(due.indexOf(next), 1);
        elapsed = Math.max(elapsed, next.at);
        await timers.next('c', next.reconciler, await runners.get(next.reconciler)!.run(), replica.now());
        await settle();
      }
      elapsed = until;
    },
  };
}

const create = (resource: string, kind: string, name: string, spec: object, apiVersion = 'v1'): Mutation => ({
  type: 'create',
  resource,
  object: { apiVersion, kind, metadata: { name, namespace: 'default' }, spec } as KubeObject,
});

const runs = (command: string, more: object = {}) => ({ containers: [{ name: 'a', image: 'busybox', command: ['sh', '-c', command] }], ...more });
const pod = (name: string, spec: object) => create('pods', 'Pod', name, spec);
const job = (name: string, command: string, spec: object = {}) =>
  create('jobs.batch', 'Job', name, { template: { spec: runs(command, { restartPolicy: 'Never' }) }, ...spec }, 'batch/v1');

const podsOf = (state: State) => state.list<Pod>('pods', 'default');
const jobOf = (state: State, name: string) => state.get<Job>('jobs.batch', 'default', name);

function taint(state: State): Mutation {
  const node = state.list('nodes')[0]!;
  return { type: 'update', resource: 'nodes', object: { ...node, spec: { ...node.spec, taints: [{ key: 'a', effect: 'NoExecute' }] } } };
}

interface Waiting {
  readonly name: string;
  readonly begin: readonly Mutation[];
  /** Two seconds later. */
  readonly afterwards?: (state: State) => Mutation;
  /** Not before. */
  readonly least: number;
  /** By then at the latest. */
  readonly most: number;
  readonly isOver: (state: State) => boolean;
}

const waiting: readonly Waiting[] = [
  {
    name: 'a pod that takes its whole grace period to end',
    begin: [pod('slow', { ...runs('trap "" TERM; sleep 100000', { terminationGracePeriodSeconds: 30 }) })],
    afterwards: () => ({ type: 'delete', resource: 'pods', namespace: 'default', name: 'slow' }),
    least: 0,
    most: 35,
    isOver: (state) => podsOf(state).length === 0,
  },
  {
    name: 'a CronJob',
    begin: [
      create(
        'cronjobs.batch',
        'CronJob',
        'often',
        { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: runs('exit 0', { restartPolicy: 'Never' }) } } } },
        'batch/v1',
      ),
    ],
    least: 0,
    most: 61,
    isOver: (state) => state.list('jobs.batch').length > 0,
  },
  {
    name: 'the TTL of a finished Job',
    begin: [job('kept', 'exit 0', { ttlSecondsAfterFinished: 60 })],
    least: 59,
    most: 75,
    isOver: (state) => jobOf(state, 'kept') === undefined,
  },
  {
    name: 'the deadline of a Job',
    begin: [job('late', 'sleep 100000', { activeDeadlineSeconds: 60 })],
    least: 59,
    most: 75,
    isOver: (state) => jobOf(state, 'late')?.status?.conditions?.some(({ type, status }) => type === 'FailureTarget' && status === 'True') === true,
  },
  {
    name: 'the back-off of a Job',
    begin: [job('failing', 'exit 1', { backoffLimit: 2 })],
    least: 29,
    most: 50,
    isOver: (state) => podsOf(state).length === 3,
  },
  {
    name: 'the back-off of a container',
    begin: [pod('crashing', runs('exit 1'))],
    least: 29,
    most: 50,
    isOver: (state) => (podsOf(state)[0]?.status?.containerStatuses?.[0]?.restartCount ?? 0) >= 3,
  },
  {
    name: 'the deadline of a pod',
    begin: [pod('bounded', runs('sleep 100000', { activeDeadlineSeconds: 60 }))],
    least: 59,
    most: 65,
    isOver: (state) => podsOf(state)[0]?.status?.reason === 'DeadlineExceeded',
  },
  {
    name: 'a pod that tolerates a taint for a while',
    begin: [pod('tolerant', runs('sleep 100000', { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }] }))],
    afterwards: taint,
    least: 59,
    most: 100,
    isOver: (state) => podsOf(state).length === 0,
  },
];

const marker = (name: string): Mutation => ({
  type: 'create',
  resource: 'configmaps',
  object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } },
});

type Cluster = Awaited<ReturnType<typeof start>>;

/** How many seconds of real time it takes until it is over; no more than `most`. */
async function secondsUntilOver(cluster: Cluster, { isOver, most }: Waiting): Promise<number> {
  for (let seconds = 0; seconds <= most + 5; seconds++) {
    if (isOver(cluster.state())) return seconds;
    await cluster.pass(SECOND);
  }
  return Number.POSITIVE_INFINITY;
}

async function begin(cluster: Cluster, { begin, afterwards }: Waiting): Promise<void> {
  await cluster.do(...begin);
  if (!afterwards) return;
  await cluster.pass(2 * SECOND);
  await cluster.do(afterwards(cluster.state()));
}

describe.each(waiting)('$name', (what) => {
  it.each([
    { jump: 0, name: 'with a clock that nobody sets' },
    { jump: HOUR, name: 'after one write with the clock an hour ahead' },
    { jump: 400 * DAY, name: 'after one write with the clock 400 days ahead' },
  ])('is over in its time $name', async ({ jump }) => {
    const cluster = await start();
    cluster.set(jump);
    await cluster.do(marker('ahead'));
    cluster.set(-jump);
    await begin(cluster, what);
    const seconds = await secondsUntilOver(cluster, what);
    expect(seconds).toBeLessThanOrEqual(what.most);
    expect(seconds).toBeGreaterThanOrEqual(what.least);
  });

  it.each([
    { jump: -HOUR, name: 'back an hour' },
    { jump: -400 * DAY, name: 'back 400 days' },
  ])('is over in its time when the clock is set $name meanwhile', async ({ jump }) => {
    const cluster = await start();
    await begin(cluster, what);
    await cluster.pass(SECOND);
    cluster.set(jump);
    expect(await secondsUntilOver(cluster, what)).toBeLessThanOrEqual(what.most);
  });

  it('is over in its time when the process begins again meanwhile, with a log that is 400 days ahead', async () => {
    const cluster = await start();
    cluster.set(400 * DAY);
    await cluster.do(marker('ahead'));
    cluster.set(-400 * DAY);
    await cluster.restart();
    await begin(cluster, what);
    await cluster.pass(SECOND);
    await cluster.restart();
    expect(await secondsUntilOver(cluster, what)).toBeLessThanOrEqual(what.most);
  });

  it('is over when the clock is set ahead by a year meanwhile', async () => {
    const cluster = await start();
    await begin(cluster, what);
    cluster.set(365 * DAY);
    expect(await secondsUntilOver(cluster, what)).toBeLessThanOrEqual(what.most);
  });
});
