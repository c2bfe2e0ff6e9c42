import type { AskPort } from '../../core/admission/ask.ts';
import type { AdmissionPlugin } from '../../core/admission/plugin.ts';
import { bootstrap } from '../../core/bootstrap/bootstrap.ts';
import { bootstrapObjects } from '../../core/bootstrap/initial-objects.ts';
import { setRate } from '../../core/clusters/clock.ts';
import { quotaStatuses } from '../../core/decide/quota-statuses.ts';
import type { Env } from '../../core/env.ts';
import type { ClusterInstant, RealDelay } from '../../core/instant.ts';
import { dynamodbLog } from '../../core/log/dynamodb/dynamodb-log.ts';
import type { EventLog } from '../../core/log/log.ts';
import { type NodeOptions, nodeObjects } from '../../core/nodes/node-objects.ts';
import type { SqsQueues } from '../../core/reconcile/sqs-queues.ts';
import { sqsWakeups } from '../../core/reconcile/sqs-wakeups.ts';
import { Timers } from '../../core/reconcile/timers.ts';
import type { Wakeups } from '../../core/reconcile/wakeups.ts';
import { type OccasionalWorker, type Work, type Worker, wokenBy } from '../../core/reconcile/worker.ts';
import { clusterClock, realClock } from '../../core/replica/cluster-clock.ts';
import { Replica } from '../../core/replica/replica.ts';
import type { Targets } from '../../core/subscriptions/target.ts';
import { subscriptionsOf } from '../../core/subscriptions/worker.ts';
import { Process, type World } from './process.ts';
import { clientOf, type Release, type Rollout } from './rollout.ts';
import { type FaultyTable, tableClient } from './table-client.ts';

export interface InstanceOptions {
  readonly world: World;
  readonly table: FaultyTable;
  readonly queuesFor: (process: Process) => SqsQueues;
  readonly clusters: readonly string[];
  /** What a new cluster has. */
  readonly nodes: { readonly count: number; readonly options: NodeOptions };
  /** After how many events a snapshot is due. */
  readonly snapshotEvents: number;
  /** How many changes a replica keeps. */
  readonly historyLimit: number;
  /** Whether objects are frozen, so that no code changes them: that costs time. */
  readonly freeze: boolean;
  /** Of which release a new instance is; none: all are the same. */
  readonly rollout?: Rollout;
  /** The rate of the clusters' clocks: set by the instance that opens one first, as by a host with such an option. Real time unless told. */
  readonly clockRate?: number;
  /** In how much real time it will be a time in a cluster: where a test puts a defect. */
  readonly delayUntil?: (replica: Replica, at: ClusterInstant | undefined) => RealDelay | undefined;
  readonly admissionPlugins: readonly AdmissionPlugin[];
  /** How a process reaches what admission asks. */
  readonly askOf: (process: Process) => AskPort;
  /** How a process reaches subscribers; none: nobody subscribes. */
  readonly targetsOf?: (process: Process) => Targets;
  /** Laid around the log of every instance: where a test puts a defect. */
  readonly wrapLog: (log: EventLog, env: Env) => EventLog;
}

/** One instance of a function, from its cold start on: what it keeps between two invocations is in its memory alone. */
export class Instance {
  readonly process: Process;
  readonly release: Release | undefined;
  readonly historyLimit: number;
  readonly queues: SqsQueues;
  readonly #wakeups: Wakeups;
  readonly #options: InstanceOptions;
  #aloneUntil = 0;
  /** The workers that few changes are for. */
  readonly #occasional: readonly OccasionalWorker[];
  readonly #log: EventLog;
  readonly #replicas = new Map<string, Promise<Replica>>();
  readonly #workers = new Map<string, { work: Work; timers: Timers }>();
  /** The replicas that are open. */
  readonly replicas = new Map<string, Replica>();

  /** `writer`: the reconciler that it runs, if any. */
  constructor(name: string, options: InstanceOptions, writer?: string) {
    const { world, table, queuesFor, wrapLog } = options;
    // Clocks of AWS differ by milliseconds; these by more, to see what depends on them.
    this.process = new Process(world, name, { skew: world.chance.between(-200, 200) });
    this.queues = queuesFor(this.process);
    this.#occasional = options.targetsOf ? [subscriptionsOf] : [];
    const wakeups = sqsWakeups({ queues: this.queues, writer, occasional: this.#occasional, lost: () => {} });
    // What is lost on the way to the queue, or with the process: the writer has gone on.
    this.#wakeups = {
      ...wakeups,
      appended: async (cluster, offset, state) => {
        if (!world.faults.strikes('wake-up lost')) await wakeups.appended(cluster, offset, state);
      },
    };
    this.release = options.rollout?.current;
    this.#options = { ...options, ...this.release };
    this.historyLimit = this.#options.historyLimit;
    const { env } = this.process;
    const client = tableClient({ process: this.process, world, table });
    this.#log = wrapLog(dynamodbLog({ client: this.release ? clientOf(client, this.release) : client, table: 'log', env, timeoutMs: 2_000 }), env);
  }

  /** When a run is over: lets go of what still waits for the log. */
  async end(): Promise<void> {
    await this.#log.close();
  }

  /** Whether it can be given something to do. */
  get able(): boolean {
    return this.process.alive && this.#aloneUntil <= this.#options.world.time.now;
  }

  /** After an invocation: it may be a long time to the next. */
  rest(): void {
    const { time, faults, chance } = this.#options.world;
    if (faults.strikes('instance left alone')) this.#aloneUntil = time.now + chance.between(100_000, 400_000);
  }

  /** The replica of a cluster, opened when it is first asked for; undefined when there is no such cluster. */
  async replica(cluster: string): Promise<Replica | undefined> {
    if (!this.#options.clusters.includes(cluster)) return undefined;
    const known = this.#replicas.get(cluster);
    // A log that was restored from before the cluster began is that of a cluster which is begun anew (functions/open-cluster.ts).
    if (known && !(await known).isOver) return known;
    const opening = this.#open(cluster);
    this.#replicas.set(cluster, opening);
    // What failed is tried again.
    opening.catch(() => this.#replicas.delete(cluster));
    return opening;
  }

  async #open(cluster: string): Promise<Replica> {
    const { env } = this.process;
    const { historyLimit, freeze, snapshotEvents, nodes, clockRate } = this.#options;
    const appended = (offset: number) => this.#wakeups.appended(cluster, offset, replica.state);
    const replica: Replica = await Replica.open({
      log: this.#log,
      cluster,
      env,
      appended,
      closing: quotaStatuses(env),
      history: { limit: historyLimit },
      freeze,
      snapshotEvents,
    });
    const now = replica.now();
    await bootstrap(replica, {
      objects: [...bootstrapObjects(now), ...nodeObjects(nodes.count, now, nodes.options)],
      env,
      admissionPlugins: this.#options.admissionPlugins,
    });
    if (clockRate !== undefined && !isSet(replica)) await setRate(replica, clockRate);
    this.replicas.set(cluster, replica);
    return replica;
  }

  /** What a worker's function does for one cluster of a batch (functions/work.ts). */
  async work(worker: Worker, cluster: string): Promise<void> {
    try {
      const replica = await this.replica(cluster);
      if (!replica) return;
      const { work, timers } = this.#work(worker, replica);
      const next = await work.run();
      const { delayUntil = (replica, at) => replica.delayUntil(at) } = this.#options;
      await timers.next(cluster, worker.name, delayUntil(replica, next));
      if (worker.name !== 'controllers') return;
      for (const name of wokenBy(replica.state, this.#occasional)) await this.queues.wake(cluster, name, `${cluster}:${replica.state.offset}`);
      await replica.snapshotIfDue().catch(() => {});
    } catch (error) {
      // Whatever state it was in, the next attempt begins anew from the log.
      this.#workers.delete(cluster);
      this.#replicas.delete(cluster);
      this.replicas.delete(cluster);
      throw error;
    }
  }

  #work(worker: Worker, replica: Replica): { work: Work; timers: Timers } {
    const known = this.#workers.get(replica.cluster);
    if (known) return known;
    const later: Wakeups['later'] = (cluster, reconciler, delayMs) => this.queues.wakeIn({ cluster, reconciler, delayMs });
    const timers = new Timers({ ...this.#wakeups, later }, this.process.env.clock);
    const work = worker.on({
      replica,
      env: this.process.env,
      admissionPlugins: this.#options.admissionPlugins,
      ask: this.#options.askOf(this.process),
      wakeIn: (delay) => timers.next(replica.cluster, worker.name, delay),
    });
    const working = { work, timers };
    this.#workers.set(replica.cluster, working);
    return working;
  }
}

/** What is set later is not set back by an instance that opens the cluster then. */
const isSet = ({ state }: Replica): boolean => state.view(clusterClock) !== realClock;
