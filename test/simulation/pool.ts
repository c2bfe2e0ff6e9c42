import { Instance, type InstanceOptions } from './instance.ts';
import type { Received, SimulatedQueue } from './queue.ts';

/** The warm instances of one function, as Lambda keeps them: one is taken for each invocation, a new one when none is idle. */
export class Pool {
  readonly name: string;
  readonly #options: InstanceOptions;
  readonly #idle: Instance[] = [];
  readonly #writer: string | undefined;
  #started = 0;
  /** Told of each cold start. */
  readonly #onStart: (instance: Instance) => void;

  /** `writer`: the reconciler that the function runs, if any. */
  constructor({ name, options, writer, onStart }: { name: string; options: InstanceOptions; writer?: string; onStart: (instance: Instance) => void }) {
    this.name = name;
    this.#writer = writer;
    this.#options = options;
    this.#onStart = onStart;
  }

  /** Until when the function gets no instance: others have used up the account's concurrency, or it has used up its own. */
  exhaustedUntil = 0;

  /** Whether an invocation is refused (AWS Lambda Developer Guide, "Understanding Lambda function scaling": TooManyRequestsException). */
  get exhausted(): boolean {
    const { faults, time } = this.#options.world;
    return faults.active && time.now < this.exhaustedUntil;
  }

  get coldStarts(): number {
    return this.#started;
  }

  take(): Instance {
    const { chance } = this.#options.world;
    const able = this.#idle.filter((instance) => instance.able);
    if (able.length > 0) {
      const instance = chance.pick(able);
      this.#idle.splice(this.#idle.indexOf(instance), 1);
      return instance;
    }
    const instance = new Instance(`${this.name}-${++this.#started}`, this.#options, this.#writer);
    this.#onStart(instance);
    return instance;
  }

  giveBack(instance: Instance): void {
    if (!instance.process.alive) return;
    if (this.#options.world.faults.strikes('instance retires')) instance.process.kill();
    else {
      instance.rest();
      this.#idle.push(instance);
    }
  }
}

/** What a function does with messages of one body: rejects when they are to come again. */
export type Handler = (instance: Instance, body: string, messages: readonly Received[]) => Promise<void>;

/**
 * Lambda's event source mapping: takes batches from a queue and hands each to an instance. What the instance reports as done is deleted; the
 * rest comes again when its visibility time-out ends, as does everything when the instance dies or takes too long.
 */
export class EventSource {
  readonly #queue: SimulatedQueue;
  readonly #pool: Pool;
  readonly #handler: Handler;
  readonly #options: EventSourceOptions;
  /** How many invocations are under way. */
  running = 0;

  constructor(queue: SimulatedQueue, pool: Pool, handler: Handler, options: EventSourceOptions) {
    this.#queue = queue;
    this.#pool = pool;
    this.#handler = handler;
    this.#options = options;
    queue.onChange = () => this.#pump();
  }

  #pump(): void {
    while (this.running < CONCURRENCY) {
      const batch = this.#queue.receive();
      if (batch.length === 0) return;
      this.running++;
      void this.#invoke(batch).finally(() => {
        this.running--;
        this.#pump();
      });
    }
  }

  async #invoke(batch: readonly Received[]): Promise<void> {
    const { world, timeoutMs } = this.#options;
    // Received all the same: the messages are hidden until their visibility time-out ends, and one step nearer to the dead letters.
    if (this.#pool.exhausted) return;
    const instance = this.#pool.take();
    const { process } = instance;
    const limit = world.time.after(timeoutMs, () => process.kill());
    // One run does for all wake-ups of a cluster in a batch.
    const groups = [...Map.groupBy(batch, ({ body }) => body)];
    const settled = await Promise.race([
      Promise.allSettled(groups.map(([body, messages]) => this.#handler(instance, body, messages))),
      new Promise<undefined>((resolve) => process.whenDead(() => resolve(undefined))),
    ]);
    limit.cancel();
    // A dead worker reports nothing: its messages are hidden until their visibility time-out ends.
    if (!settled) return;
    this.#pool.giveBack(instance);
    groups.forEach(([, messages], i) => {
      if (settled[i]!.status === 'fulfilled') for (const { receipt } of messages) this.#queue.delete(receipt);
    });
  }
}

export interface EventSourceOptions {
  readonly world: InstanceOptions['world'];
  /** How long an invocation may take. */
  readonly timeoutMs: number;
}

/** How many invocations of one function there are at a time. */
const CONCURRENCY = 5;
