import { noWebhooks } from '../../../core/admission/ask.ts';
import { defaultAdmissionPlugins } from '../../../core/admission/default-plugins.ts';
import { createServer } from '../../../core/api/server.ts';
import { staticTokens } from '../../../core/auth/static-tokens.ts';
import type { KubeObject } from '../../../core/kube/object.ts';
import { LogUnavailable } from '../../../core/log/log.ts';
import { SqsQueues } from '../../../core/reconcile/sqs-queues.ts';
import { reconciling } from '../../../core/reconcile/worker.ts';
import { Chance } from '../chance.ts';
import { checkOffsets } from '../checkers/offsets.ts';
import { VirtualTime } from '../clock.ts';
import { Faults } from '../faults.ts';
import { Housekeeping, SETTLED_MS } from '../housekeeping.ts';
import { Instance, type InstanceOptions } from '../instance.ts';
import { Journal } from '../journal.ts';
import type { World } from '../process.ts';
import { SimulatedQueue } from '../queue.ts';
import { queueClient } from '../queue-client.ts';
import { productionReconcilers } from '../reconcilers.ts';
import { Replay } from '../replay.ts';
import { type Backup, Table } from '../table.ts';
import { FaultyTable } from '../table-client.ts';

const CLUSTER = 'alpha';

/**
 * One cluster on virtual time for the scenarios: nothing goes wrong by itself, and nothing runs until the scenario says so. Each instance
 * that it names is a process with a projection of its own.
 */
export class Stage {
  readonly #world: World;
  readonly #journal = new Journal(() => this.#world.time.now);
  readonly #table: Table;
  readonly #options: InstanceOptions;
  readonly #instances = new Map<string, Instance>();
  readonly #servers = new Map<Instance, ReturnType<typeof createServer>>();
  #backup: { table: Backup; length: ReadonlyMap<string, number> } | undefined;
  /** What went wrong inside, but for the log. */
  readonly problems: unknown[] = [];

  constructor({ historyLimit = 10_000 }: { historyLimit?: number } = {}) {
    const time = new VirtualTime({ start: Date.UTC(2026, 10, 23, 12), chance: new Chance('order') });
    this.#world = { seed: 0, time, chance: new Chance('scenario'), faults: new Faults({ chance: new Chance('faults'), rates: {} }) };
    this.#table = new Table({ now: () => time.now, onPut: (item) => this.#journal.record(item, this.#table) });
    const names = productionReconcilers().map(({ name }) => name);
    const queue = (name: string) => [name, new SimulatedQueue(this.#world, name, { fifo: name !== 'delayed', visibilityMs: 60_000, maxReceives: 5 })] as const;
    const queues = { queues: new Map([...names, 'delayed'].map(queue)), downUntil: 0 };
    this.#options = {
      world: this.#world,
      table: new FaultyTable(this.#table),
      clusters: [CLUSTER],
      nodes: { count: 2, options: {} },
      historyLimit,
      freeze: true,
      snapshotEvents: 1_000_000,
      admissionPlugins: defaultAdmissionPlugins,
      askOf: () => noWebhooks,
      wrapLog: (log) => log,
      queuesFor: (process) => {
        const client = queueClient({ process, world: this.#world, queues });
        return new SqsQueues({ client, env: process.env, wakeups: Object.fromEntries(names.map((name) => [name, name])), delayed: 'delayed' });
      },
    };
  }

  /** A request to the API of an instance. A watch is read for a second. */
  async send(method: string, path: string, { body, on = 'api' }: { body?: object; on?: string } = {}) {
    const server = this.#server(this.#instance(on));
    const request = new Request('https://scenario', { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const response = await this.#until(server.fetch(request, { target: path }));
    if (!path.includes('watch=true') || response.status !== 200) {
      const text = await this.#until(response.text());
      return { code: response.status, body: JSON.parse(text) };
    }
    const { events, end } = eventsOf(response);
    await this.wait(1_000);
    end();
    return { code: 200, body: events };
  }

  /** A watch that goes on; what it has told so far. */
  async watch(path: string, { on }: { on: string }): Promise<readonly WatchEvent[]> {
    const response = await this.#until(this.#server(this.#instance(on)).fetch(new Request('https://scenario', { headers }), { target: path }));
    return eventsOf(response).events;
  }

  async create(path: string, ...objects: readonly object[]): Promise<void> {
    for (const body of objects) {
      const answer = await this.send('POST', path, { body });
      if (answer.code !== 201) throw new Error(JSON.stringify(answer.body));
    }
  }

  /** Runs reconcilers, each on an instance of its own, one after the other until none has anything to do; and again as time goes by. */
  async reconcile({ only, seconds = 0 }: { only?: string; seconds?: number } = {}): Promise<void> {
    const reconcilers = productionReconcilers().filter(({ name }) => only === undefined || name === only);
    for (let second = 0; second <= seconds; second++) {
      if (second > 0) await this.wait(1_000);
      for (let events = -1; events !== this.#journal.events; ) {
        events = this.#journal.events;
        for (const reconciler of reconcilers) await this.#until(this.#instance(reconciler.name).work(reconciling(reconciler), CLUSTER));
      }
    }
  }

  /** Ends a process; the next one of its name knows only what is in the log. */
  end(name: string): void {
    this.#instances.get(name)?.process.kill();
    this.#instances.delete(name);
  }

  async takeSnapshot(): Promise<void> {
    await this.#until(new Housekeeping({ world: this.#world, table: this.#options.table }).run(CLUSTER));
  }

  /** Takes a snapshot, and deletes what it covers and is old. */
  async cutOff(): Promise<void> {
    const housekeeping = new Housekeeping({ world: this.#world, table: this.#options.table });
    await this.#until(housekeeping.run(CLUSTER));
    await this.wait(SETTLED_MS);
    await this.#until(housekeeping.run(CLUSTER));
  }

  /** Remembers the table as it is now. */
  backUp(): void {
    this.#backup = { table: this.#table.backup(), length: this.#journal.length };
  }

  /** Restores the table from the backup; until that is done, it answers nothing. */
  async restore(): Promise<void> {
    const { table, length } = this.#backup!;
    this.#options.table.restoring = true;
    await this.wait(300_000);
    this.#table.restore(table);
    this.#journal.rewind(length);
    this.#options.table.restoring = false;
  }

  /** Where the entries of the log begin that are still there. */
  get kept(): readonly number[] {
    return this.#table.offsets(CLUSTER);
  }

  wait(ms: number): Promise<void> {
    return this.#world.time.run({ until: this.#world.time.now + ms });
  }

  /** What there is, as the log says; the log itself must be sound. */
  get state(): Replay {
    const entries = this.#journal.entries.get(CLUSTER) ?? [];
    const [problem] = checkOffsets(entries);
    if (problem) throw new Error(problem);
    return new Replay(entries);
  }

  #instance(name: string): Instance {
    const instance = this.#instances.get(name) ?? new Instance(name, this.#options);
    this.#instances.set(name, instance);
    return instance;
  }

  #server(instance: Instance) {
    const known = this.#servers.get(instance);
    if (known) return known;
    const server = createServer({
      replicaOf: (cluster) => instance.replica(cluster),
      defaultCluster: CLUSTER,
      env: instance.process.env,
      authenticator: staticTokens({ scenario: { username: 'kubernetes-admin', groups: ['system:masters'] } }),
      problem: (_message, error) => {
        if (!(error instanceof LogUnavailable)) this.problems.push(error);
      },
    });
    this.#servers.set(instance, server);
    return server;
  }

  /** Lets time go by until something is done. */
  async #until<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const over = work.finally(() => {
      done = true;
    });
    over.catch(() => {});
    await this.#world.time.run({ until: this.#world.time.now + 600_000, done: () => done });
    if (!done) throw new Error('nothing came of it in ten minutes');
    return over;
  }
}

const headers = { authorization: 'Bearer scenario', 'content-type': 'application/json' };

interface WatchEvent {
  readonly type: string;
  readonly object: KubeObject;
}

/** What a watch tells, as it comes. */
function eventsOf(response: Response): { events: WatchEvent[]; end: () => void } {
  const events: WatchEvent[] = [];
  const reader = response.body!.getReader();
  void reader.read().then(function take({ value, done }): void | Promise<void> {
    if (done) return;
    for (const line of new TextDecoder().decode(value).trim().split('\n')) events.push(JSON.parse(line));
    return reader.read().then(take);
  });
  return { events, end: () => void reader.cancel() };
}
