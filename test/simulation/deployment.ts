import { createServer, type Fetch } from '../../core/api/server.ts';
import { staticTokens } from '../../core/auth/static-tokens.ts';
import { StatusError } from '../../core/kube/status.ts';
import { type Item, isEntryPartition } from '../../core/log/dynamodb/keys.ts';
import { LogUnavailable } from '../../core/log/log.ts';
import type { Reconciler } from '../../core/reconcile/reconciler.ts';
import { type Delayed, SqsQueues } from '../../core/reconcile/sqs-queues.ts';
import { reconciling, type Worker } from '../../core/reconcile/worker.ts';
import { Deliveries } from '../../core/subscriptions/deliveries.ts';
import type { Targets } from '../../core/subscriptions/target.ts';
import { subscriptionsOf } from '../../core/subscriptions/worker.ts';
import type { Instance, InstanceOptions } from './instance.ts';
import { EventSource, type Handler, Pool } from './pool.ts';
import type { Process, World } from './process.ts';
import { type Received, SimulatedQueue } from './queue.ts';
import { type FaultyQueues, queueClient } from './queue-client.ts';
import { Relay } from './relay.ts';
import { CREW, limitedUsers } from './roles.ts';

/** What a deployment is made of; a test may put a broken part in. */
export interface DeploymentOptions extends Omit<InstanceOptions, 'queuesFor'> {
  readonly reconcilers: readonly Reconciler[];
  /** Laid around the API of every instance. */
  readonly wrapFetch: (fetch: Fetch) => Fetch;
  readonly Queue?: typeof SimulatedQueue;
  readonly Relay?: typeof Relay;
  /** Told of errors that no user and no outage explains. */
  readonly problem: (where: string, error: unknown) => void;
}

/**
 * Logplane as it is deployed (infra/): instances of the API's function behind a gateway, one function for each reconciler behind its FIFO
 * queue, delayed wake-ups behind a standard queue, the relay behind the table's stream.
 */
export class Deployment {
  readonly #options: DeploymentOptions;
  /** Of those that have a queue. */
  readonly #names: readonly string[];
  readonly #world: World;
  readonly queues: FaultyQueues;
  readonly #sources: EventSource[] = [];
  readonly #pools: Pool[] = [];
  readonly #servers = new Map<Instance, Fetch>();
  readonly #apiPool: Pool;
  readonly relay: Relay;
  /** Every instance there ever was. */
  readonly instances: Instance[] = [];
  /** Where the reconcilers stand, for the message of a failed run. */
  readonly runs = new Map<string, number>();

  constructor(options: DeploymentOptions) {
    this.#options = options;
    const { world, reconcilers, targetsOf, Queue = SimulatedQueue } = options;
    const workers: ((process: Process) => Worker)[] = reconcilers.map((reconciler) => () => reconciling(reconciler));
    if (targetsOf) workers.push((process) => delivering(targetsOf(process)));
    this.#names = [...reconcilers.map(({ name }) => name), ...(targetsOf ? [subscriptionsOf.name] : [])];
    this.#world = world;
    const wakeup = (name: string): [string, SimulatedQueue] => [name, new Queue(world, name, { fifo: true, visibilityMs: 6 * RUN_MS, maxReceives: 5 })];
    const delayed = new Queue(world, 'delayed', { fifo: false, visibilityMs: 180_000, maxReceives: 5 });
    this.queues = { queues: new Map([...this.#names.map(wakeup), ['delayed', delayed]]), downUntil: 0 };
    for (const [i, name] of this.#names.entries()) {
      const handler: Handler = (instance, cluster, messages) => this.#work(instance, { worker: workers[i]!(instance.process), cluster, messages });
      this.#sources.push(new EventSource(this.queues.queues.get(name)!, this.#pool(name, name), handler, { world, timeoutMs: RUN_MS }));
    }
    this.#sources.push(new EventSource(delayed, this.#pool('timers'), passOn, { world, timeoutMs: 30_000 }));
    this.#apiPool = this.#pool('api');
    this.relay = new (options.Relay ?? Relay)({ world, pool: this.#pool('relay') });
  }

  #pool(name: string, writer?: string): Pool {
    const options = { ...this.#options, queuesFor: (process: Process) => this.queuesFor(process) };
    const pool = new Pool({ name, options, onStart: (instance) => this.instances.push(instance), ...(writer && { writer }) });
    this.#pools.push(pool);
    return pool;
  }

  /** The queues as a process reaches them. */
  queuesFor(process: Process): SqsQueues {
    const client = queueClient({ process, world: this.#world, queues: this.queues });
    // The simulated queues' URLs are their names.
    return new SqsQueues({
      client,
      env: process.env,
      wakeups: Object.fromEntries(this.#options.reconcilers.map(({ name }) => [name, name])),
      ...(this.#options.targetsOf && { occasional: { [subscriptionsOf.name]: subscriptionsOf.name } }),
      delayed: 'delayed',
    });
  }

  /** The table's stream. */
  readonly onPut = (item: Item): void => {
    if (isEntryPartition(item['cluster']!.S!)) this.relay.record(item);
  };

  /** An instance of the API's function: a warm one, or a new one now and then. */
  api(): Instance {
    const { chance, faults } = this.#world;
    const warm = this.apiInstances;
    if (warm.length > 0 && faults.strikes('instance retires')) warm.shift()!.process.kill();
    const able = warm.filter((instance) => instance.able);
    if (able.length > 0 && !(warm.length < API_INSTANCES && chance.happens(0.05))) {
      const instance = chance.pick(able);
      instance.rest();
      return instance;
    }
    const instance = this.#apiPool.take();
    const { env } = instance.process;
    const server = createServer({
      replicaOf: (cluster) => instance.replica(cluster),
      env,
      admissionPlugins: this.#options.admissionPlugins,
      ask: this.#options.askOf(instance.process),
      authenticator: staticTokens(bearers),
      problem: (message, error) => this.#report(`api: ${message}`, error, instance.process),
    });
    this.#servers.set(instance, this.#options.wrapFetch(server.fetch));
    return instance;
  }

  /** The instances of the API that are there. */
  get apiInstances(): Instance[] {
    return [...this.#servers.keys()].filter(({ process }) => process.alive);
  }

  /** Answers a request on an instance of the API; what the gateway answers when none is to be had. */
  async serve(instance: Instance, request: Request, target: string): Promise<Response> {
    if (this.#apiPool.exhausted) return Response.json({ message: 'Service Unavailable' }, { status: 503 });
    return this.#servers.get(instance)!(request, { target });
  }

  /** No function gets an instance until then, or only one of them does not. */
  exhaust(until: number): void {
    const { chance } = this.#world;
    for (const pool of chance.happens(0.3) ? this.#pools : [chance.pick(this.#pools)]) pool.exhaustedUntil = until;
  }

  /** Nothing is under way, and nothing is waiting to be. */
  get quiet(): boolean {
    const queues = [...this.queues.queues.values()];
    return this.relay.backlog === 0 && queues.every(({ depth }) => depth === 0) && this.#sources.every(({ running }) => running === 0);
  }

  /** What is waiting or under way, for the message of a run that does not end. */
  describe(): string {
    const queues = [...this.queues.queues.values()].map(({ name, depth }) => `${name} has ${depth} messages`);
    const runs = [...this.runs].map(([name, count]) => `${name} ran ${count} times`);
    return [...queues, ...runs, `the stream has ${this.relay.backlog} records`].join(', ');
  }

  get deadLetters(): number {
    return [...this.queues.queues.values()].reduce((sum, { deadLetters }) => sum + deadLetters.length, 0);
  }

  get coldStarts(): number {
    return this.#pools.reduce((sum, { coldStarts }) => sum + coldStarts, 0);
  }

  /** What an operator does once an outage is over. */
  redrive(): void {
    for (const queue of this.queues.queues.values()) queue.redrive();
    this.relay.redrive();
  }

  /** The function of a worker: what fails comes again soon (functions/work.ts). */
  async #work(instance: Instance, { worker, cluster, messages }: { worker: Worker; cluster: string; messages: readonly Received[] }): Promise<void> {
    this.runs.set(worker.name, (this.runs.get(worker.name) ?? 0) + 1);
    try {
      await instance.work(worker, cluster);
    } catch (error) {
      this.#report(worker.name, error, instance.process);
      const received = messages.map(({ receipt, receives }) => ({ receipt: String(receipt), receives }));
      await instance.queues.retrySoon(worker.name, received).catch(() => {});
      throw error;
    }
  }

  /** A race that was lost explains nothing. */
  #report(where: string, error: unknown, { hinderedAt }: Process): void {
    const isHindered = this.#world.time.now - hinderedAt < HINDERED_MS;
    const explained = error instanceof LogUnavailable || (isHindered && error instanceof StatusError && error.code >= 503) || isUnsent(error);
    if (!explained) this.#options.problem(where, error);
  }
}

/** What tells subscribers, without what loads it only where there are some. */
const delivering = (targets: Targets): Worker => ({ ...subscriptionsOf, on: (cluster) => new Deliveries(cluster, targets) });

/** The function behind the delay queue (functions/timers.ts): a wake-up is due, or sent on when it is to wait for longer than a queue delays. */
async function passOn({ queues }: Instance, body: string, [message]: readonly Received[]): Promise<void> {
  const delayed = JSON.parse(body) as Delayed;
  if (delayed.delayMs > 0) await queues.wakeIn(delayed);
  else await queues.wake(delayed.cluster, delayed.reconciler, message!.id);
}

/** What SqsQueues throws when a queue took nothing. */
const isUnsent = (error: unknown) => error instanceof Error && /messages could not be sent to/.test(error.message);

export const TOKEN = 'simulation';
export const ADMIN = 'kubernetes-admin';

const bearers = {
  [TOKEN]: { username: ADMIN, groups: ['system:masters', 'system:authenticated'] },
  ...Object.fromEntries(limitedUsers.map((username) => [username, { username, groups: [CREW, 'system:authenticated'] }])),
};

/** A commit tries for half a minute. */
const HINDERED_MS = 40_000;

/** How long a run of a reconciler may take (infra/queues.ts). */
const RUN_MS = 60_000;
const API_INSTANCES = 4;
