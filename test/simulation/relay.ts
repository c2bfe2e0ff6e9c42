import { decodeEntry } from '../../core/log/codec.ts';
import { type Item, numberOf } from '../../core/log/dynamodb/keys.ts';
import { lastOffset } from '../../core/log/log.ts';
import type { Pool } from './pool.ts';
import type { World } from './process.ts';

export interface RelayOptions {
  readonly world: World;
  /** The instances of its function. */
  readonly pool: Pool;
}

/**
 * The table's stream and the function behind it (functions/relay.ts), the sure path of wake-ups: every entry is delivered, in order, until
 * the function has taken it, or it was tried too often or is too old: then its place in the stream goes to the on-failure destination.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #stream: Item[] = [];
  /** What the destination's messages point at. The stream keeps it for a day. */
  readonly #setAside: Item[] = [];
  #attempts = 0;
  #delivering = false;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  get backlog(): number {
    return this.#stream.length;
  }

  record(item: Item): void {
    this.#stream.push(item);
    if (!this.#delivering) this.#deliverLater();
  }

  /** Delivers what was set aside, as an operator does after finding out why. */
  redrive(): void {
    for (const item of this.#setAside.splice(0)) this.record(item);
  }

  #deliverLater(): void {
    this.#delivering = true;
    const { time, chance, faults } = this.#options.world;
    // The batching window of a second (infra/relay.ts), and what a stream takes.
    const delay = 1_000 + chance.exponential(200) + (faults.strikes('stream late') ? chance.exponential(20_000) : 0);
    time.after(delay, () => void this.#deliver());
  }

  async #deliver(): Promise<void> {
    const { faults } = this.#options.world;
    const batch = this.#stream.slice(0, 1_000);
    const taken = await this.#invoke(batch);
    if (taken ? !faults.strikes('stream repeated') : this.#givesUp()) {
      this.#stream.splice(0, batch.length);
      this.#attempts = 0;
      if (!taken) this.#setAside.push(...batch);
    }
    this.#delivering = false;
    if (this.#stream.length > 0) this.#deliverLater();
  }

  /** Whether an instance has taken the batch. */
  async #invoke(batch: readonly Item[]): Promise<boolean> {
    const { pool } = this.#options;
    if (pool.exhausted) return false;
    const instance = pool.take();
    const died = new Promise<false>((resolve) => instance.process.whenDead(() => resolve(false)));
    // The newest entry of a cluster stands for all of them.
    const ends = new Map<string, number>();
    for (const item of batch) ends.set(item['cluster']!.S!, Math.max(endOf(item), ends.get(item['cluster']!.S!) ?? 0));
    const woken = instance.queues.wakeAll(ends).then(
      () => true,
      () => false,
    );
    const taken = await Promise.race([woken, died]);
    pool.giveBack(instance);
    return taken;
  }

  #givesUp(): boolean {
    return ++this.#attempts > MAX_RETRIES || this.#options.world.faults.strikes('relay gives up');
  }
}

/** `maximumRetryAttempts` of infra/relay.ts. */
const MAX_RETRIES = 10;

/** The offset at which an entry ends. One whose bytes are elsewhere, in parts, has one event. */
function endOf(item: Item): number {
  const payload = item['payload']?.B;
  return payload ? lastOffset(decodeEntry(payload)) : numberOf(item, 'offset');
}
