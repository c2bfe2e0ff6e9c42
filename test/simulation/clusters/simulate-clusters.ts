import { CLUSTERS, type Cluster } from '../../../core/apis/logplane/cluster.ts';
import { ROOT_CLUSTER } from '../../../core/kube/cluster-name.ts';
import { StatusError } from '../../../core/kube/status.ts';
import { branchLog } from '../../../core/log/branch-log.ts';
import { type Branch, branchPoint } from '../../../core/log/branches.ts';
import { LogUnavailable } from '../../../core/log/log.ts';
import { Replica } from '../../../core/replica/replica.ts';
import { written } from '../../../core/testing/written-log.ts';
import { BranchJournal } from '../branch-journal.ts';
import { Chance } from '../chance.ts';
import { VirtualTime } from '../clock.ts';
import { Faults } from '../faults.ts';
import { History } from '../history.ts';
import { Http } from '../http.ts';
import { setClock } from '../outages.ts';
import { Problems } from '../problems.ts';
import { Process, type World } from '../process.ts';
import { remainsOf } from '../remains.ts';
import { Subscribers } from '../subscribers.ts';
import { Table } from '../table.ts';
import { FaultyTable } from '../table-client.ts';
import type { Evidence, Open } from './checkers/evidence.ts';
import { checkers } from './checkers/registry.ts';
import { Deeds } from './deeds.ts';
import { Host, type HostOptions } from './host.ts';
import type { Told } from './told.ts';

export interface ClustersOptions {
  /** How long clients work while things go wrong, in minutes of virtual time. */
  readonly minutes?: number;
  /** Instead of the rates that the seed draws. */
  readonly rates?: Partial<Record<string, number>>;
  /** Parts to replace: where a test puts a defect. */
  readonly parts?: Pick<HostOptions, 'wrapLog' | 'wrapHost' | 'wrapFetch' | 'wrapTargets'>;
}

export interface ClustersResult {
  readonly findings: readonly string[];
  readonly told: Told;
  readonly faults: number;
}

/**
 * Clusters as objects of `root`, made, forked, reset, written to, restored, subscribed to and deleted by clients of processes that die, over a network, a table and clocks that go wrong as the seed
 * says. Then the faults stop, all comes to rest, the checkers look, every object is deleted, and nothing may be left.
 */
export const simulateClusters = (seed: number, options: ClustersOptions = {}): Promise<ClustersResult> => new Run(seed, options).run();

class Run {
  readonly #world: World;
  readonly #minutes: number;
  readonly #journal = new BranchJournal();
  readonly #table: Table;
  readonly #options: HostOptions;
  readonly #told: Told = { clusters: [], writes: [], forks: [], restores: [] };
  readonly #problems = new Problems();
  readonly #subscribers: Subscribers;
  readonly #hosts: Host[] = [];
  readonly #https: Http[] = [];
  #lives = 0;
  /** Clients go on. */
  #isBusy = true;
  /** Processes go on. */
  #isUp = true;

  constructor(seed: number, { minutes = 6, rates, parts = {} }: ClustersOptions) {
    const time = new VirtualTime({ start: START, chance: new Chance(`order ${seed}`) });
    const faults = new Faults({ chance: new Chance(`faults ${seed}`), rates });
    this.#world = { seed, time, chance: new Chance(`clusters ${seed}`), faults };
    this.#minutes = minutes;
    this.#table = new Table({ now: () => time.now, onPut: (item) => this.#journal.record(item) });
    this.#subscribers = new Subscribers(this.#world);
    this.#options = {
      world: this.#world,
      table: new FaultyTable(this.#table),
      subscribers: this.#subscribers,
      telling: new Set(),
      problem: (where, error) => this.#problems.note(where, error),
      ...parts,
    };
  }

  async run(): Promise<ClustersResult> {
    const { time, faults } = this.#world;
    for (let i = 0; i < HOSTS; i++) this.#guard(this.#live());
    for (let i = 0; i < CLIENTS; i++) this.#guard(this.#work(`client-${i + 1}`));
    this.#guard(this.#outages());
    await time.run({ until: START + this.#minutes * MINUTE });
    this.#isBusy = false;
    faults.active = false;
    time.wrong = 0;
    for (const { process } of this.#hosts) process.wrong = 0;
    await time.run({ until: time.now + REST_MINUTES * MINUTE });
    // What is under way comes to its end, so that the checkers look at what stays.
    this.#isUp = false;
    await time.run({ until: time.now + 2 * MINUTE });
    const checker = new Host('checker', this.#options, { mortal: false });
    const findings: string[] = [];
    await this.#finish(this.#look(checker).then((evidence) => findings.push(...findingsOf(evidence))));
    await this.#finish(this.#deleteAll(checker));
    await this.#finish(remainsOf({ log: checker.log, table: this.#table, time }).then((left) => void findings.push(...left)));
    return { findings: [...this.#problems.texts, ...findings], told: this.#told, faults: faults.injected };
  }

  /** A process, and those that take its place. */
  async #live(): Promise<void> {
    const { chance } = this.#world;
    const host = new Host(`host-${++this.#lives}`, this.#options);
    this.#hosts.push(host);
    host.process.whenDead(() => {
      this.#hosts.splice(this.#hosts.indexOf(host), 1);
      if (this.#isUp) this.#guard(this.#live());
    });
    while (this.#isUp) {
      await host.process.env.clock.sleep(chance.exponential(2_000));
      const what = chance.weighted({ settle: 4, keep: 3, tell: 3 });
      await host[what]().catch((error) => {
        if (!isExpected(error)) this.#problems.note(what, error);
      });
    }
  }

  async #work(name: string): Promise<void> {
    const { world } = this.#options;
    const client = new Process(world, name, { mortal: false });
    const deployment = { api: () => this.#server(), serve: (host: object, request: Request, target: string) => (host as Host).serve(request, target) };
    const http = new Http({ world, deployment, client, history: new History({ endOf: () => 0 }) });
    this.#https.push(http);
    const deeds = new Deeds({ http, name, told: this.#told, chance: new Chance(`${world.seed} deeds of ${name}`) });
    while (this.#isBusy) {
      await client.env.clock.sleep(world.chance.exponential(1_000));
      await deeds.next();
    }
  }

  #server(): Host {
    return this.#world.chance.pick(this.#hosts);
  }

  /** About once a minute, each of these may begin, and lasts for a while. */
  async #outages(): Promise<void> {
    const { time, faults, chance } = this.#world;
    const { table } = this.#options;
    const { clock } = new Process(this.#world, 'outages', { mortal: false }).env;
    while (this.#isBusy) {
      await clock.sleep(chance.between(0.5, 1.5) * MINUTE);
      if (faults.strikes('table is down')) table.downUntil = time.now + chance.exponential(10_000);
      if (faults.strikes('partition is throttled')) table.throttledUntil.set(chance.pick(this.#journal.logs), time.now + chance.between(30_000, 150_000));
      const processes = this.#hosts.map(({ process }) => process);
      if (faults.strikes('clock is set')) setClock(this.#world, processes);
    }
  }

  /** What is there, as a new process reads it. */
  async #look(host: Host): Promise<Evidence> {
    const root = (await host.replicaOf(ROOT_CLUSTER))!;
    const branches: Branch[] = [];
    for (const { cluster } of await host.log.branches.list()) {
      // A record may be of a fork that cannot be.
      const branch = cluster === ROOT_CLUSTER ? undefined : await host.log.branches.get(cluster);
      if (branch) branches.push(branch);
    }
    // The last changes are told.
    for (const { cluster } of branches) await host.tell(cluster);
    const open = await Promise.all(branches.map((branch) => this.#opened(host, branch)));
    await root.catchUp();
    const objects = [...root.state.list(CLUSTERS)] as unknown as Cluster[];
    return { told: this.#told, journal: this.#journal, subscribers: this.#subscribers, objects, open, now: Number(root.now()) };
  }

  async #opened(host: Host, branch: Branch): Promise<Open> {
    const replica = await Replica.open({ log: branchLog(host.log, branch), cluster: branch.cluster, logName: branch.log, env: host.process.env });
    const at = new Map<number, string | undefined>();
    const { base } = this.#journal.begun(branch);
    if (base.length > 0) at.set(branchPoint({ base }), await replica.at(branchPoint({ base })).then(written, ifGone));
    return { branch, state: replica.state, at };
  }

  /** Each object is deleted as a client does it, and all that follows comes about. */
  async #deleteAll(host: Host): Promise<void> {
    const { clock } = host.process.env;
    for (;;) {
      const root = (await host.replicaOf(ROOT_CLUSTER))!;
      await root.catchUp();
      const names = [...root.state.list(CLUSTERS)].map(({ metadata }) => metadata.name);
      const left = (await host.log.branches.list()).filter(({ cluster }) => cluster !== ROOT_CLUSTER).map(({ log }) => log);
      if (names.length + left.length + (await host.log.branches.ended()).length === 0) return;
      for (const name of names)
        await host.serve(new Request('https://simulation', { method: 'DELETE', headers: ADMINISTRATOR }), `/clusters/root${PATH}/${name}`);
      await host.settle();
      await clock.sleep(MINUTE);
    }
  }

  async #finish(work: Promise<unknown>): Promise<void> {
    const { time } = this.#world;
    let isDone = false;
    work
      .catch((error) => this.#problems.note('the checker', error))
      .finally(() => {
        isDone = true;
      });
    await time.run({ until: time.now + 24 * 60 * MINUTE, done: () => isDone });
    if (!isDone) this.#problems.note('the checker', new Error('there is no end to it'));
  }

  #guard(running: Promise<void>): void {
    running.catch((error) => this.#problems.note('simulation', error));
  }
}

const findingsOf = (evidence: Evidence): string[] =>
  Object.entries(checkers).flatMap(([name, check]) => [...check(evidence)].map((finding) => `${name}: ${finding}`));

const isExpected = (error: unknown): boolean =>
  error instanceof LogUnavailable || (error instanceof StatusError && [404, 410, 500, 503, 504].includes(error.code));

function ifGone(error: unknown): undefined {
  if (error instanceof StatusError && error.code === 410) return undefined;
  throw error;
}

const PATH = '/apis/logplane.dev/v1/clusters';
const ADMINISTRATOR = { authorization: 'Bearer simulation' };
const HOSTS = 3;
const CLIENTS = 3;
const START = Date.UTC(2026, 10, 23, 12);
const MINUTE = 60_000;
/** Longer than any cluster that goes by itself is there, and than an outage lasts. */
const REST_MINUTES = 6;
