import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import { type Mutation, update } from '../apis/mutation.ts';
import { bootstrap } from '../bootstrap/bootstrap.ts';
import { bootstrapObjects } from '../bootstrap/initial-objects.ts';
import { advance, setRate } from '../clusters/clock.ts';
import { controllersReconciler } from '../controllers/registry.ts';
import { type Env, idsFrom } from '../env.ts';
import { clusterInstant, elapsedAt, realInstant } from '../instant.ts';
import { type KubeObject, parseKey } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { nodeObjects } from '../nodes/node-objects.ts';
import { nodesReconciler } from '../nodes/nodes.ts';
import { simulatedRuntime } from '../nodes/runtimes/simulated.ts';
import { Replica } from '../replica/replica.ts';
import { schedulerReconciler } from '../scheduler/scheduler.ts';
import { saveSnapshot } from '../state/snapshot.ts';
import type { State } from '../state/state.ts';
import { decision } from '../testing/decisions.ts';
import { Runner } from './runner.ts';
import { Timers } from './timers.ts';

export const SECOND = 1_000;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const START = clusterInstant('2026-01-01T00:00:00Z');

/** A whole cluster whose wall clock may be set, while real time passes as it does. */
export async function start() {
  let [passed, set, seed] = [0, 0, 1];
  const random = {
    next: () => {
      seed = (seed * 16807) % 2147483647;
      return seed / 2147483647;
    },
  };
  const clock = { now: () => realInstant(START + passed + set), elapsed: () => elapsedAt(passed), sleep: async () => {}, turn: async () => {} };
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
    runners = new Map(reconcilers.map((reconciler) => [reconciler.name, new Runner({ replica, reconciler, env, admissionPlugins: defaultAdmissionPlugins })]));
    due = [];
    timers = new Timers({ appended: async () => {}, later: async (_, reconciler, delayMs) => void due.push({ reconciler, at: passed + delayMs }) }, clock);
  }

  /** What an append wakes: everything, until no reconciler writes any more. */
  async function settle(): Promise<void> {
    for (let before = -1; before < replica.state.offset; ) {
      before = replica.state.offset;
      for (const [name, runner] of runners) await timers.next('c', name, replica.delayUntil(await runner.run()));
    }
  }

  await open();
  await settle();
  return {
    state: (): State => replica.state,
    /** Sets the wall clock. */
    set: (ms: number) => {
      set += ms;
    },
    now: () => replica.now(),
    /** Another process takes the place of this one, `ms` later. */
    restart: async ({ after = 0 } = {}) => {
      passed += after;
      await open();
      await settle();
    },
    setRate: async (rate: number) => {
      await setRate(replica, rate);
      await settle();
    },
    advance: async (ms: number) => {
      await advance(replica, ms);
      await settle();
    },
    snapshot: () => saveSnapshot({ log, cluster: 'c', env }, replica.state),
    /** When the wake-ups come that were asked for, in ms of real time from now. */
    asked: () => due.map(({ at }) => at - passed),
    /** All objects of a resource that there ever were. */
    created: async (resource: string) => {
      const names: string[] = [];
      for await (const { events } of log.read('c', { after: 0 })) {
        for (const { type, key } of events) if (type === 'ADDED' && parseKey(key).resource === resource) names.push(parseKey(key).name);
      }
      return names;
    },
    do: async (...mutations: Mutation[]) => {
      for (const mutation of mutations)
        await replica.commit((state, now) => ({ events: decision(state, mutation, { env, now, actor: userNamed('client') }).events, answer: () => undefined }));
      await settle();
    },
    /** Real time passes; only what was asked for, and not before its time, runs meanwhile. */
    pass: async (ms: number) => {
      const until = passed + ms;
      for (;;) {
        const next = due.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        due.splice(due.indexOf(next), 1);
        passed = Math.max(passed, next.at);
        await timers.next('c', next.reconciler, replica.delayUntil(await runners.get(next.reconciler)!.run()));
        await settle();
      }
      passed = until;
    },
  };
}

export const create = (resource: string, kind: string, name: string, spec: object, apiVersion = 'v1'): Mutation => ({
  type: 'create',
  resource,
  object: { apiVersion, kind, metadata: { name, namespace: 'default' }, spec } as KubeObject,
});

export const runs = (command: string, more: object = {}) => ({ containers: [{ name: 'a', image: 'busybox', command: ['sh', '-c', command] }], ...more });
const pod = (name: string, spec: object) => create('pods', 'Pod', name, spec);
export const job = (name: string, command: string, spec: object = {}) =>
  create('jobs.batch', 'Job', name, { template: { spec: runs(command, { restartPolicy: 'Never' }) }, ...spec }, 'batch/v1');

export const podsOf = (state: State) => state.list('pods', 'default');
export const jobOf = (state: State, name: string) => state.get('jobs.batch', 'default', name);

function taint(state: State): Mutation {
  const node = state.list('nodes')[0]!;
  return update('nodes', { ...node, spec: { ...node.spec, taints: [{ key: 'a', effect: 'NoExecute' }] } });
}

/** Something that waits for a time, in seconds of cluster time. */
export interface Waiting {
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

export const waiting: readonly Waiting[] = [
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

export type Cluster = Awaited<ReturnType<typeof start>>;

/** How many seconds of cluster time, at a rate, it takes until it is over; no more than `most`. */
export async function secondsUntilOver(cluster: Cluster, { isOver, most }: Waiting, rate = 1): Promise<number> {
  for (let seconds = 0; seconds <= most + 5; seconds++) {
    if (isOver(cluster.state())) return seconds;
    await cluster.pass(SECOND / rate);
  }
  return Number.POSITIVE_INFINITY;
}

export async function begin(cluster: Cluster, { begin, afterwards }: Waiting, rate = 1): Promise<void> {
  await cluster.do(...begin);
  if (!afterwards) return;
  await cluster.pass((2 * SECOND) / rate);
  await cluster.do(afterwards(cluster.state()));
}
