import { decodeEntry } from '../../core/log/codec.ts';
import { type Item, numberOf } from '../../core/log/dynamodb/keys.ts';
import { lastOffset } from '../../core/log/log.ts';
import type { SqsQueues } from '../../core/reconcile/sqs-queues.ts';
import { Process, type World } from './process.ts';

export interface RelayOptions {
  readonly world: World;
  readonly queuesFor: (process: Process) => SqsQueues;
}

/**
 * The table's stream and the function behind it (functions/relay.ts), the sure path of wake-ups: every entry is delivered, in order, until
 * the function has taken it.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #stream: Item[] = [];
  #delivering = false;
  #instances = 0;

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

  #deliverLater(): void {
    this.#delivering = true;
    const { time, chance, faults } = this.#options.world;
    // The batching window of a second (infra/relay.ts), and what a stream takes.
    const delay = 1_000 + chance.exponential(200) + (faults.strikes('stream late') ? chance.exponential(20_000) : 0);
    time.after(delay, () => void this.#deliver());
  }

  async #deliver(): Promise<void> {
    const { world, queuesFor } = this.#options;
    const batch = this.#stream.slice(0, 1_000);
    const process = new Process(world, `relay-${++this.#instances}`);
    const died = new Promise<'died'>((resolve) => process.whenDead(() => resolve('died')));
    // The newest entry of a cluster stands for all of them.
    const ends = new Map(batch.map((item) => [item['cluster']!.S!, endOf(item)]));
    const outcome = await Promise.race([
      queuesFor(process)
        .wakeAll(ends)
        .then(
          () => 'done',
          () => 'failed',
        ),
      died,
    ]);
    if (outcome === 'done' && !world.faults.strikes('stream repeated')) this.#stream.splice(0, batch.length);
    this.#delivering = false;
    if (this.#stream.length > 0) this.#deliverLater();
  }
}

/** The offset at which an entry ends. One whose bytes are elsewhere, in parts, has one event. */
function endOf(item: Item): number {
  const payload = item['payload']?.B;
  return payload ? lastOffset(decodeEntry(payload)) : numberOf(item, 'offset');
}
