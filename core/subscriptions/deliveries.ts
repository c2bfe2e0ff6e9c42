import { ALL_SUBSCRIPTIONS, type Subscription } from '../apis/logplane/subscription.ts';
import { clusterInstant, type RealDelay, realDelay } from '../instant.ts';
import { type Key, keyOf } from '../kube/object.ts';
import { StatusError } from '../kube/status.ts';
import type { Offset } from '../log/event.ts';
import type { Work, WorkedOn } from '../reconcile/worker.ts';
import { Pump } from './pump.ts';
import { type AccountOf, isActive, keepAccount } from './status.ts';
import type { Targets } from './target.ts';

/** What is told of one cluster, by one process. */
export class Deliveries implements Work {
  readonly #cluster: WorkedOn;
  readonly #targets: Targets;
  readonly #pumps = new Map<Key, Pumping>();
  /** The log's restores when the pumps began. */
  #restores = 0;

  constructor(cluster: WorkedOn, targets: Targets) {
    this.#cluster = cluster;
    this.#targets = targets;
  }

  /**
   * Goes on until no subscriber can be told of anything more, or for as long as a run may last. A subscriber that is slow is waited for while others are told of what comes
   * meanwhile.
   */
  async run(): Promise<undefined> {
    const { replica, env } = this.#cluster;
    await replica.catchUp();
    if (replica.restores !== this.#restores) this.#pumps.clear();
    this.#restores = replica.restores;
    const end = new AbortController();
    const running = new Map<Key, Promise<void>>();
    void env.clock.sleep(RUN_MS, end.signal).then(() => end.abort());
    const release = replica.follow();
    const failures: unknown[] = [];
    try {
      for (;;) {
        // What fails on the log is tried again in another run, and not at once; and of a log that was replaced or reset another run begins anew.
        if (!end.signal.aborted && failures.length === 0 && replica.restores === this.#restores) {
          const due = await this.#due().catch((error): Pumping[] => {
            failures.push(error);
            return [];
          });
          for (const pumping of due) {
            const { key } = pumping;
            if (running.has(key)) continue;
            const run = this.#runOne(pumping, end.signal)
              .catch((error) => void failures.push(error))
              .finally(() => running.delete(key));
            running.set(key, run);
          }
        }
        if (running.size === 0) break;
        await this.#news(running.values(), end.signal);
      }
    } finally {
      end.abort();
      release();
    }
    if (failures.length > 0) throw failures[0];
    await this.#comeBack();
    return undefined;
  }

  /** The subscriptions that have something to be told of now. */
  async #due(): Promise<Pumping[]> {
    const due: Pumping[] = [];
    const known = new Set<Key>();
    for (const [key, subscription] of this.#subscriptions()) {
      known.add(key);
      const pumping = await this.#pumpingOf(key, subscription);
      if (pumping?.pump.dueIn === 0) due.push(pumping);
    }
    for (const key of this.#pumps.keys()) if (!known.has(key)) this.#pumps.delete(key);
    return due;
  }

  *#subscriptions(): Generator<[Key, Subscription]> {
    const { state, cluster } = this.#cluster.replica;
    for (const resource of ALL_SUBSCRIPTIONS) {
      for (const object of state.list(resource) as Iterable<Subscription>) {
        const { namespace, name } = object.metadata;
        if (isActive(object, cluster)) yield [keyOf(resource, namespace, name), object];
      }
    }
  }

  /** What was begun for the same spec goes on. Undefined: the log does not reach back to where it is to begin, and its status says so. */
  async #pumpingOf(key: Key, subscription: Subscription): Promise<Pumping | undefined> {
    const { generation, uid } = subscription.metadata;
    const known = this.#pumps.get(key);
    const isSame = known?.subscription.metadata.uid === uid;
    if (isSame && known!.subscription.metadata.generation === generation) return known;
    const { replica, env } = this.#cluster;
    const offset = await this.#beginOf(key, subscription);
    if (offset === undefined) return undefined;
    const pump = new Pump({ replica, env, targets: this.#targets, subscription }, isSame ? Math.max(offset, known!.pump.offset) : offset);
    const pumping = { key, subscription, pump, restores: this.#restores };
    this.#pumps.set(key, pumping);
    return pumping;
  }

  async #beginOf(key: Key, subscription: Subscription): Promise<Offset | undefined> {
    if (subscription.status?.offset !== undefined) return subscription.status.offset;
    try {
      return await this.#cluster.replica.offsetAt(clusterInstant(String(subscription.spec.from)));
    } catch (error) {
      if (!(error instanceof StatusError && error.code === 410)) throw error;
      await keepAccount(this.#cluster, { key, subscription, restores: this.#restores }, { offset: 0, deliveries: 0, deadLetters: 0, expired: error.message });
      return undefined;
    }
  }

  async #runOne(pumping: Pumping, signal: AbortSignal): Promise<void> {
    const account = await pumping.pump.run(signal);
    await keepAccount(this.#cluster, pumping, account);
    if (account.expired !== undefined) this.#pumps.delete(pumping.key);
  }

  /** Resolves when a pump has come to an end, or the cluster goes on: where it does not, as it was reset or has ended, only the pumps are waited for. */
  async #news(running: Iterable<Promise<void>>, signal: AbortSignal): Promise<void> {
    const { replica } = this.#cluster;
    const heard = new AbortController();
    const change = replica
      .changesAfter(replica.state.offset, { signal: AbortSignal.any([signal, heard.signal]), limit: 1 })
      .catch(() => new Promise<never>(() => {}));
    await Promise.race([...running, ...(signal.aborted ? [] : [change])]);
    heard.abort();
  }

  async #comeBack(): Promise<void> {
    let next: RealDelay | undefined;
    for (const { pump } of this.#pumps.values()) {
      const { dueIn } = pump;
      if (dueIn !== undefined && (next === undefined || dueIn < next)) next = dueIn;
    }
    if (this.#cluster.replica.restores !== this.#restores) next = realDelay(0);
    if (next !== undefined) await this.#cluster.wakeIn(next);
  }
}

/** A subscription that is under way. */
interface Pumping extends AccountOf {
  readonly pump: Pump;
}

/** A function runs for a minute; what is under way when this is over has the rest of it to come to an end. */
const RUN_MS = 25_000;
