import { BoundedWorkload } from './bounded.ts';
import { Chance } from './chance.ts';
import { Client } from './client.ts';
import type { Deployment } from './deployment.ts';
import type { History } from './history.ts';
import { Http } from './http.ts';
import { inform } from './informer.ts';
import { type Operation, operations } from './operations/registry.ts';
import { Painter } from './painter.ts';
import { Process, type World } from './process.ts';
import { limitedUsers, RoleChanges } from './roles.ts';
import { readSlowly } from './slow-readers.ts';
import { Stamper } from './stamps.ts';
import { Workload } from './workload.ts';

export interface ClientsOptions {
  readonly world: World;
  readonly deployment: Deployment;
  readonly clusters: readonly string[];
  /** How long they work, in ms. */
  readonly duration: number;
  /** Whether each cluster has one that takes its time to read. */
  readonly slowReaders: boolean;
  /** Whether each cluster has some that work under a quota. */
  readonly bounded: boolean;
  readonly painting: boolean;
  /** Whether each cluster has users who may do what roles permit, and an administrator who changes these. */
  readonly limited: boolean;
  /** Whether each cluster has one that writes what mutating admission changes, and changes what it sets. */
  readonly stamping: boolean;
  /** What one of each cluster does instead of the ordinary. */
  readonly operation: Operation | undefined;
  /** Told of what rejects. */
  readonly guard: (running: Promise<void>) => void;
}

/** The clients of a run's clusters: some change what is there, and some watch it. */
export class Clients {
  readonly #options: ClientsOptions;
  #history!: History;
  /** Those of today: another number, once they are all started again. */
  #generation = 0;
  readonly #watching: Process[] = [];
  readonly #https: Http[] = [];
  /** How many are in the middle of something. */
  busy = 0;
  /** How many of these do what clients do, beside tidying up. */
  #deeds = 0;
  /** They go on to change things. */
  working = true;
  /** All has been watched that was to be. */
  watched = false;

  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  /** Starts them all; what they do and see is written into `history`. */
  start(history: History): void {
    const { clusters, guard, world, slowReaders, bounded, painting, limited, stamping, operation } = this.#options;
    this.#history = history;
    for (const cluster of clusters) {
      const ordinary = Math.max(1, countFor(clusters.length) - (operation ? 1 : 0));
      for (let i = 1; i <= ordinary; i++) guard(this.#work(cluster, `client-${i}`, (client) => new Workload({ client, history })));
      for (let i = 1; bounded && i <= BOUNDED; i++) guard(this.#work(cluster, `bounded-${i}`, (client) => new BoundedWorkload(client)));
      if (painting) guard(this.#repeat(cluster, 'painter', (clientOf) => new Painter(clientOf())));
      if (operation) guard(this.#repeat(cluster, operation, (clientOf) => operations[operation](clientOf())));
      if (stamping) guard(this.#repeat(cluster, 'stamper', (clientOf) => new Stamper(clientOf())));
      if (limited) guard(this.#repeat(cluster, 'roles', (clientOf) => new RoleChanges(clientOf(), limitedUsers.map(clientOf))));
      watchedBy.forEach((what, i) => {
        const process = this.#process(`${cluster}-informer-${i + 1}`);
        this.#watching.push(process);
        guard(inform({ world, process, http: this.#connect(process), history, done: () => this.watched, name: process.name, cluster, ...what }));
      });
      if (slowReaders) guard(this.#readSlowly(cluster));
    }
  }

  /** None of them begins anything more but to watch, until they are started again. */
  stop(): void {
    this.#generation++;
  }

  /** Ends the clients that still watch. */
  kill(): void {
    for (const process of this.#watching.splice(0)) process.kill();
    this.end();
  }

  /** Ends all connections. */
  end(): void {
    for (const http of this.#https) http.end();
  }

  /** One of them, until it is told to stop. */
  async #work(cluster: string, name: string, workloadOf: (client: Client) => Pick<Workload, 'next' | 'tidy'>): Promise<void> {
    const { world } = this.#options;
    const process = this.#process(`${cluster}-${name}`);
    const generation = this.#generation;
    const history = this.#history;
    const chance = new Chance(`${world.seed} deeds of ${process.name}`);
    const client = new Client({ cluster, process, http: this.#connect(process), history, chance });
    const workload = workloadOf(client);
    while (this.working && generation === this.#generation) {
      await this.#next(workload);
      await process.env.clock.sleep(chance.exponential(PAUSE_MS));
    }
    if (!name.endsWith('-1') || generation !== this.#generation) return;
    // When nothing fails any more, and nothing is done any more that would have to be tidied up, one is enough for that.
    this.busy++;
    while (world.faults.active || this.#deeds > 0 || !(await workload.tidy())) await process.env.clock.sleep(100);
    this.busy--;
  }

  /** One that changes what is allowed and does what that speaks of; it may ask in the name of several users. */
  async #repeat(cluster: string, name: string, workloadOf: (clientOf: (user?: string) => Client) => { next(): Promise<void> }): Promise<void> {
    const { world } = this.#options;
    const history = this.#history;
    const generation = this.#generation;
    const process = this.#process(`${cluster}-${name}`);
    const chance = new Chance(`${world.seed} deeds of ${process.name}`);
    const workload = workloadOf((user) => {
      const own = user ? this.#process(`${cluster}-${user}`) : process;
      return new Client({ cluster, process: own, http: this.#connect(own, { user }), history, chance });
    });
    for (;;) {
      await process.env.clock.sleep(chance.exponential(PAUSE_MS));
      if (!this.working || generation !== this.#generation) return;
      await this.#next(workload);
    }
  }

  async #next(workload: { next(): Promise<void> }): Promise<void> {
    this.busy++;
    this.#deeds++;
    await workload.next();
    this.#deeds--;
    this.busy--;
  }

  #readSlowly(cluster: string): Promise<void> {
    const { world, duration } = this.#options;
    const process = this.#process(`${cluster}-slow-reader`);
    this.#watching.push(process);
    const after = process.env.random.next() * 0.6 * duration;
    const connect = (pace: () => Promise<void>) => this.#connect(process, { pace });
    const until = { patient: () => this.working, done: () => this.watched };
    return readSlowly({ world, process, cluster, history: this.#history, connect, after, ...until });
  }

  #process(name: string): Process {
    return new Process(this.#options.world, this.#generation > 0 ? `${name}-again` : name, { mortal: false });
  }

  #connect(client: Process, { pace, user }: { pace?: () => Promise<void>; user?: string | undefined } = {}): Http {
    const { world, deployment } = this.#options;
    const http = new Http({ world, deployment, client, history: this.#history, ...(pace && { pace }), ...(user && { user }) });
    this.#https.push(http);
    return http;
  }
}

/** How many clients each cluster has that change things. */
const countFor = (clusters: number): number => Math.max(1, 4 - clusters);

const watchedBy = [
  { resource: 'pods', namespace: undefined, label: undefined },
  { resource: 'pods', namespace: 'default', label: { name: 'app', value: 'anna' } },
  { resource: 'configmaps', namespace: undefined, label: { name: 'color', value: 'red' } },
  { resource: 'deployments.apps', namespace: 'shop', label: undefined },
];

/** How many work under a quota: two, that they may meet. */
const BOUNDED = 2;

/** Between two deeds of a client, on average. */
const PAUSE_MS = 3_000;
