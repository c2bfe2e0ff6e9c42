import { defaultAdmissionPlugins } from '../../core/admission/default-plugins.ts';
import type { ConfigMap } from '../../core/schema/generated/kinds.ts';
import { measuringStreams } from './buffers.ts';
import { Chance } from './chance.ts';
import type { Budget, Held } from './checkers/checker.ts';
import { Clients } from './clients.ts';
import { VirtualTime } from './clock.ts';
import { ClockOperator, type ClusterClocks, drawClocks, rates } from './cluster-clocks.ts';
import { Deployment, type DeploymentOptions } from './deployment.ts';
import { Faults } from './faults.ts';
import { type Figures, figuresOf } from './figures.ts';
import { findingsOf } from './findings.ts';
import { heldBy } from './held.ts';
import { History } from './history.ts';
import { Housekeeping } from './housekeeping.ts';
import { Instance } from './instance.ts';
import { Journal } from './journal.ts';
import { writeLate } from './latecomers.ts';
import { limited as limitedEntries } from './limited-entries.ts';
import { type Operation, operations } from './operations/registry.ts';
import type { SimulationOptions } from './options.ts';
import { outages } from './outages.ts';
import { Policy } from './policy.ts';
import { Problems } from './problems.ts';
import { Process, type World } from './process.ts';
import { productionReconcilers } from './reconcilers.ts';
import { Replay, replaysOf } from './replay.ts';
import { Rest } from './rest.ts';
import { inFormat1, Rollout } from './rollout.ts';
import { Stamp, URL_PREFIX } from './stamps.ts';
import { Subscribers } from './subscribers.ts';
import { Table } from './table.ts';
import { FaultyTable } from './table-client.ts';
import { COUNTER } from './workload.ts';

export interface SimulationResult {
  readonly seed: number;
  /** Of every byte that was put into the logs, in order. */
  readonly hash: string;
  /** What the checkers have to say. */
  readonly findings: readonly string[];
  readonly figures: Figures;
  /** The history of each cluster; none of one whose log makes no sense. */
  readonly replays: ReadonlyMap<string, Replay>;
}

/**
 * One run: the production core on virtual time, with clients that work it and faults that strike it as the seed says; then the faults stop,
 * all comes to rest, and the checkers look at what happened.
 */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<SimulationResult> {
  return measuringStreams(() => new Simulation(seed, options).run());
}

class Simulation {
  readonly #seed: number;
  readonly #world: World;
  readonly #journal = new Journal(() => this.#world.time.now);
  #history = this.#newHistory();
  readonly #table: Table;
  readonly #faultyTable: FaultyTable;
  readonly #deployment: Deployment;
  readonly #instanceOptions: DeploymentOptions;
  readonly #clusters: readonly string[];
  readonly #minutes: number;
  readonly #policy: Policy;
  readonly #stamp: Stamp;
  readonly #subscribers: Subscribers;
  readonly #rollout: Rollout | undefined;
  /** Whether the table is restored from a backup in the middle. */
  readonly #restored: boolean;
  readonly #clients: Clients;
  readonly #latecomers: boolean;
  readonly #clocks: ClusterClocks;
  readonly #clockOperator: ClockOperator;
  readonly #rest: Rest;
  readonly #budget: Budget;
  readonly #held: (Held & { cluster: string })[] = [];
  readonly #problems = new Problems();
  readonly #housekeeping: Housekeeping;
  #busy = 0;
  #extra = 0;

  constructor(seed: number, options: SimulationOptions) {
    const {
      minutes,
      rates: faultRates,
      podsPerNode,
      clusters,
      slowReaders,
      bounded,
      painting,
      limited,
      stamping,
      latecomers,
      clocks,
      budget,
      careless = false,
      parts = {},
    } = options;
    const chance = new Chance(`seed ${seed}`);
    const time = new VirtualTime({ start: START, chance: new Chance(`order ${seed}`) });
    const world: World = { seed, time, chance, faults: new Faults({ chance: new Chance(`faults ${seed}`), rates: faultRates }) };
    this.#policy = new Policy(world);
    this.#stamp = new Stamp(world);
    this.#subscribers = new Subscribers(world);
    const operation = 'operation' in options ? options.operation : drawOperation(seed);
    this.#seed = seed;
    this.#world = world;
    this.#clusters = clusterNames.slice(0, clusters ?? Number(chance.weighted({ 1: 65, 2: 15, 3: 10, 4: 6, 5: 4 })));
    this.#restored = world.faults.strikes('backup restored');
    this.#minutes = (minutes ?? chance.whole(3, 5)) * (this.#restored ? 2 : 1) + (this.#restored ? RESTORE_MINUTES : 0);
    this.#latecomers = latecomers ?? chance.happens(0.6);
    this.#clocks = clocks ?? drawClocks(new Chance(`clocks ${seed}`));
    this.#budget = { bufferBytes: BUFFER_BYTES, ...budget };
    this.#table = new (parts.Table ?? Table)({
      now: () => time.now,
      onPut: (item) => {
        this.#journal.record(inFormat1(item), this.#table);
        this.#deployment.onPut(inFormat1(item));
      },
    });
    this.#faultyTable = new FaultyTable(this.#table);
    const limits = { snapshotEvents: chance.pick([200, 1_000, 2_000]), historyLimit: parts.historyLimit ?? chance.pick([20, 500, 10_000]) };
    if (world.faults.strikes('new version')) this.#rollout = new Rollout({ chance, first: limits, careless });
    this.#instanceOptions = {
      ...limits,
      ...(this.#rollout && { rollout: this.#rollout }),
      world,
      table: this.#faultyTable,
      clusters: this.#clusters,
      nodes: {
        count: chance.whole(2, 4),
        options: { capacity: { cpu: chance.pick(['2', '4', '8']), memory: '8Gi', pods: String(podsPerNode ?? chance.pick([8, 15, 110])) } },
      },
      freeze: chance.happens(0.25),
      ...(rates[this.#clocks] !== undefined && { clockRate: rates[this.#clocks]! }),
      ...(parts.delayUntil && { delayUntil: parts.delayUntil }),
      reconcilers: parts.reconcilers ?? productionReconcilers(),
      // Only where there is one: its function would be one more to strike.
      ...(operation === 'subscribed' && { targetsOf: (process: Process) => (parts.targets ?? ((targets) => targets))(this.#subscribers.targetsOf(process)) }),
      admissionPlugins: parts.admissionPlugins ?? defaultAdmissionPlugins,
      askOf: (process) => {
        const [stamp, policy] = [this.#stamp.portOf(process), this.#policy.portOf(process)];
        return (ask, around) => ('client' in ask && ask.client.url?.startsWith(URL_PREFIX) ? stamp : policy)(ask, around);
      },
      wrapLog: parts.wrapLog ?? limitedEntries(chance.pick([4, 30, undefined, undefined, undefined])),
      ...(parts.Queue && { Queue: parts.Queue }),
      ...(parts.Relay && { Relay: parts.Relay }),
      wrapFetch: parts.wrapFetch ?? ((fetch) => fetch),
      problem: (where, error) => this.#problems.note(where, error),
    };
    this.#deployment = new Deployment(this.#instanceOptions);
    this.#housekeeping = new Housekeeping({ world, table: this.#faultyTable, ...parts.housekeeping?.(this.#table) });
    this.#clockOperator = new ClockOperator({ world, clusters: this.#clusters, instance: () => this.#newInstance(`clocks-${++this.#extra}`) });
    // One of them for each seed: all of them would double what it takes.
    const changing = new Chance(`changing ${seed}`).weighted({ painting: 5, limited: 3, stamping: 2 });
    this.#clients = new Clients({
      world,
      deployment: this.#deployment,
      clusters: this.#clusters,
      duration: this.#minutes * MINUTE,
      slowReaders: slowReaders ?? chance.happens(0.4),
      painting: painting ?? changing === 'painting',
      limited: limited ?? changing === 'limited',
      stamping: stamping ?? changing === 'stamping',
      operation,
      bounded: bounded ?? new Chance(`bounded ${seed}`).happens(0.2),
      guard: (running) => this.#guard(running),
    });
    this.#rest = new Rest({
      world,
      deployment: this.#deployment,
      clocks: this.#clocks,
      clockOperator: this.#clockOperator,
      problems: this.#problems,
      isBusy: () => this.#busy > 0 || this.#clients.busy > 0,
      isHopeless: () => this.#hopeless,
    });
  }

  async run(): Promise<SimulationResult> {
    try {
      this.#begin();
      await this.#world.time.run({ until: START + this.#minutes * MINUTE, done: () => this.#hopeless });
      this.#calm();
      if (this.#clocks === 'slow') await this.#rest.until(this.#clockOperator.setRate(1));
      const atRest = await this.#rest.come();
      // Where it makes no sense to go on there is nothing more to learn.
      if (!this.#hopeless) {
        await this.#stopWatching();
        if (atRest && this.#latecomers) await this.#writeLate();
        await this.#restore();
      }
    } catch (error) {
      this.#problems.note('simulation', error);
    }
    const replays = replaysOf(this.#journal.entries, (cluster, error) => this.#problems.note(`the log of ${cluster} cannot be replayed`, error));
    const findings = findingsOf(this.#journal.entries, replays, {
      writtenAt: this.#journal.writtenAt,
      clocksSet: this.#world.faults.counts.has('clock is set'),
      history: this.#history,
      held: this.#held,
      budget: this.#budget,
      policy: this.#policy,
      stamp: this.#stamp,
      subscribers: this.#subscribers,
      restored: this.#restored,
      now: this.#world.time.now,
    });
    await this.#end();
    return {
      seed: this.#seed,
      hash: this.#journal.hash,
      findings: [...this.#problems.texts, ...findings],
      figures: figuresOf({ world: this.#world, journal: this.#journal, history: this.#history, deployment: this.#deployment, since: START }),
      replays,
    };
  }

  #begin(): void {
    this.#clients.start(this.#history);
    const { deployment, clusters, table } = { deployment: this.#deployment, clusters: this.#clusters, table: this.#faultyTable };
    this.#guard(outages({ world: this.#world, deployment, clusters, table, working: () => this.#clients.working }));
    this.#guard(this.#keepHouse());
    if (this.#clocks === 'still') this.#guard(this.#clockOperator.advanceNowAndThen({ working: () => this.#clients.working }));
    if (this.#restored) this.#guard(this.#restoreBackup());
    if (this.#rollout) this.#guard(this.#deploy(this.#rollout));
  }

  /** Twice, a release takes the place of the one before it: new instances are of it, and those of the one before end a while later. */
  async #deploy(rollout: Rollout): Promise<void> {
    const { clock } = new Process(this.#world, 'deploy', { mortal: false }).env;
    for (let i = 0; i < 2; i++) {
      await clock.sleep(0.2 * this.#minutes * MINUTE);
      const before = rollout.current;
      rollout.next();
      await clock.sleep(0.2 * this.#minutes * MINUTE);
      for (const { process, release } of this.#deployment.instances) if (release === before) process.kill();
    }
  }

  /**
   * The table as it was some time ago takes the place of the table as it is, under processes that go on. What clients know counts no more: they are started
   * again (docs/deploy.md), and held against what is in the log then.
   */
  async #restoreBackup(): Promise<void> {
    const { chance } = this.#world;
    const { clock } = new Process(this.#world, 'operator', { mortal: false }).env;
    const before = (this.#minutes - RESTORE_MINUTES) / 2;
    const lost = chance.between(0.05, 0.5) * before;
    await clock.sleep((before - lost) * MINUTE);
    const backup = this.#table.backup();
    const { length } = this.#journal;
    await clock.sleep(lost * MINUTE);
    this.#faultyTable.restoring = true;
    this.#clients.stop();
    await clock.sleep(RESTORE_MINUTES * MINUTE);
    this.#clients.kill();
    this.#table.restore(backup);
    this.#housekeeping.restart();
    this.#journal.rewind(length);
    this.#faultyTable.restoring = false;
    this.#history = this.#newHistory();
    for (const [cluster, entries] of this.#journal.entries) {
      const counter = new Replay(entries).get(COUNTER) as ConfigMap | undefined;
      const count = counter?.data?.['count'];
      this.#history.counters.set(`${cluster} ${COUNTER}`, { acknowledged: Number(count ?? 0), unknown: 0 });
    }
    this.#held.length = 0;
    this.#deployment.redrive();
    this.#clients.start(this.#history);
  }

  #newHistory(): History {
    return new History({ endOf: (cluster) => this.#journal.endOf(cluster) });
  }

  /** Twice a minute, perhaps, a snapshot is taken and what it covers is deleted; what projections hold is written down for the checkers. */
  async #keepHouse(): Promise<void> {
    const { faults, chance } = this.#world;
    const { clock } = new Process(this.#world, 'housekeeping', { mortal: false }).env;
    while (this.#clients.working) {
      await clock.sleep(chance.between(0.3, 0.7) * MINUTE);
      const instances = this.#deployment.instances.filter(({ process }) => process.alive);
      if (instances.length > 0) this.#held.push(...heldBy(chance.pick(instances)));
      if (!faults.strikes('entries deleted')) continue;
      for (const cluster of this.#clusters) void this.#housekeeping.run(cluster).catch(() => {});
    }
  }

  /** It makes no sense to go on: a log is broken, something writes without end, or everything fails. */
  get #hopeless(): boolean {
    return this.#journal.isBroken || this.#journal.events > MAX_EVENTS || this.#problems.count > MAX_PROBLEMS;
  }

  /** Nothing goes wrong any more, and clients begin nothing more. */
  #calm(): void {
    const { time, faults } = this.#world;
    this.#clients.working = false;
    faults.active = false;
    time.wrong = 0;
    for (const { process } of this.#deployment.instances) process.wrong = 0;
    this.#history.calmSince = time.now;
  }

  async #stopWatching(): Promise<void> {
    const { time } = this.#world;
    // A watcher may have lost its connection, and waits for up to half a minute before the next.
    await time.run({ until: time.now + 40_000 });
    for (const cluster of this.#journal.entries.keys()) this.#history.watched.set(cluster, this.#journal.endOf(cluster));
    this.#clients.watched = true;
    this.#clients.end();
  }

  async #writeLate(): Promise<void> {
    const options = { world: this.#world, deployment: this.#deployment, history: this.#history, housekeeping: this.#housekeeping, clusters: this.#clusters };
    const done = () => {
      this.#busy--;
    };
    this.#busy++;
    this.#guard(writeLate(options).finally(done));
    await this.#rest.come();
  }

  /** What a new process makes of the log, and what all others have made of it. */
  async #restore(): Promise<void> {
    const { time } = this.#world;
    const alive = this.#deployment.instances.filter(({ process }) => process.alive);
    for (const { replicas } of alive) for (const replica of replicas.values()) if (replica.isDoubtful) this.#guard(replica.catchUp());
    await time.run({ until: time.now + 1_000 });
    for (const instance of alive) this.#held.push(...heldBy(instance));
    const restored = this.#newInstance('restored');
    let open = this.#clusters.length;
    for (const cluster of this.#clusters) {
      this.#guard(
        restored.replica(cluster).then(() => {
          open--;
        }),
      );
    }
    await time.run({ until: time.now + MINUTE, done: () => open === 0 });
    this.#held.push(...heldBy(restored));
  }

  /** A process that is none of the deployment's. */
  #newInstance(name: string): Instance {
    return new Instance(name, { ...this.#instanceOptions, queuesFor: (process) => this.#deployment.queuesFor(process) });
  }

  /** Signals with a listener live on (AbortSignal.any); a run after the other would fill the memory. */
  async #end(): Promise<void> {
    this.#clients.end();
    await this.#world.time.run({ until: this.#world.time.now });
    for (const instance of this.#deployment.instances) await instance.end();
    await this.#world.time.run({ until: this.#world.time.now });
  }

  #guard(running: Promise<void>): void {
    running.catch((error) => this.#problems.note('simulation', error));
  }
}

/** None for some seeds: what a client does instead of the ordinary, it does not do of that. */
function drawOperation(seed: number): Operation | undefined {
  const chance = new Chance(`operation ${seed}`);
  return chance.happens(0.3) ? undefined : chance.pick(Object.keys(operations) as Operation[]);
}

const clusterNames = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];

const START = Date.UTC(2026, 10, 23, 12);
const MINUTE = 60_000;
/** As long as queues remember what they were sent: offsets are given out again, and wake-ups are named after them. */
const RESTORE_MINUTES = 6;
/** The largest object that clients create is 800 KB, and is handed on in one piece. */
const BUFFER_BYTES = 1 << 20;
const MAX_EVENTS = 10_000;
const MAX_PROBLEMS = 100;
