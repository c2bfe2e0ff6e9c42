import type { Clock } from '../core/env.ts';
import { between, type Elapsed, plus } from '../core/instant.ts';

/**
 * An in-process queue that behaves as Amazon SQS does, so that the local host meets what the deployed one meets: visibility time-out and
 * redelivery, FIFO groups (one message of a group in flight at a time), deduplication, delay, and a dead-letter queue.
 * (Amazon SQS Developer Guide: "Visibility timeout", "FIFO queue delivery logic", "Exactly-once processing", "Dead-letter queues".)
 * It keeps nothing across a restart: its messages are wake-ups, and a starting host wakes everything.
 */
export class Queue {
  readonly name: string;
  readonly #options: Required<Omit<QueueOptions, 'clock' | 'deadLetters'>> & Pick<QueueOptions, 'clock' | 'deadLetters'>;
  #messages: Stored[] = [];
  readonly #sent = new Map<string, Elapsed>();
  #changed: (() => void)[] = [];

  constructor(name: string, options: QueueOptions) {
    this.name = name;
    this.#options = { fifo: false, visibilityTimeoutMs: 30_000, maxReceives: 5, ...options };
  }

  /** Takes a message, unless its deduplication id was taken within the last five minutes. */
  send({ body, group = '', deduplicationId, delayMs = 0 }: Message): void {
    const now = this.#options.clock.elapsed();
    if (deduplicationId !== undefined && this.#options.fifo) {
      for (const [id, at] of this.#sent) {
        if (between(at, now) < DEDUPLICATION_MS) break;
        this.#sent.delete(id);
      }
      if (this.#sent.has(deduplicationId)) return;
      this.#sent.set(deduplicationId, now);
    }
    this.#messages.push({ body, group, visibleAt: plus(now, Math.min(delayMs, MAX_DELAY_MS)), receives: 0, inFlight: false });
    this.#notify();
  }

  /** How many messages wait or are in flight. */
  get depth(): number {
    return this.#messages.length;
  }

  /** Whether no message of a group is due or in flight. Those that are hidden or delayed may be there. */
  isQuiet(group: string): boolean {
    const now = this.#options.clock.elapsed();
    return !this.#messages.some((message) => message.group === group && (message.inFlight || message.visibleAt <= now));
  }

  /** Resolves when a message is sent or settled. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve));
  }

  /**
   * Hands each message to `handler` until `signal` aborts. A message whose handler rejects comes back when its visibility time-out ends,
   * and after too many receives it moves to the dead-letter queue.
   */
  async consume(handler: (body: string) => Promise<void>, { signal, concurrency = 1 }: { signal: AbortSignal; concurrency?: number }): Promise<void> {
    const worker = async () => {
      while (!signal.aborted) {
        const now = this.#options.clock.elapsed();
        const message = this.#receive(now);
        if (message === undefined) await this.#waitForChange(now, signal);
        else await this.#deliver(message, handler);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
  }

  async #deliver(message: Stored, handler: (body: string) => Promise<void>): Promise<void> {
    try {
      await handler(message.body);
      this.#messages.splice(this.#messages.indexOf(message), 1);
    } catch {
      // Not deleted: it becomes visible again by itself, and holds its FIFO group back until then.
    }
    message.inFlight = false;
    this.#notify();
  }

  #receive(now: Elapsed): Stored | undefined {
    const heldGroups = new Set<string>();
    for (const message of [...this.#messages]) {
      const ready = message.visibleAt <= now && !message.inFlight && !heldGroups.has(message.group);
      if (ready && message.receives >= this.#options.maxReceives) {
        this.#messages.splice(this.#messages.indexOf(message), 1);
        this.#options.deadLetters?.send({ body: message.body, group: message.group });
        continue;
      }
      if (ready) {
        message.receives++;
        message.inFlight = true;
        message.visibleAt = plus(now, this.#options.visibilityTimeoutMs);
        return message;
      }
      if (this.#options.fifo) heldGroups.add(message.group);
    }
    return undefined;
  }

  /** Until something is sent or settled, or the next message becomes visible that was hidden at `now`: when it was looked for, as it may have become visible since. */
  async #waitForChange(now: Elapsed, signal: AbortSignal): Promise<void> {
    const next = Math.min(
      ...this.#messages.filter((message) => !message.inFlight && message.visibleAt > now).map((message) => between(now, message.visibleAt)),
    );
    const abort = new AbortController();
    const stop = () => abort.abort();
    signal.addEventListener('abort', stop, { once: true });
    const changed = this.changed();
    const aborted = new Promise<void>((resolve) => abort.signal.addEventListener('abort', () => resolve(), { once: true }));
    const due = Number.isFinite(next) ? [this.#options.clock.sleep(next, abort.signal)] : [];
    await Promise.race([changed, aborted, ...due]);
    signal.removeEventListener('abort', stop);
    abort.abort();
  }

  #notify(): void {
    const changed = this.#changed;
    this.#changed = [];
    for (const resolve of changed) resolve();
  }
}

export interface QueueOptions {
  readonly clock: Clock;
  readonly fifo?: boolean;
  /** How long a received message stays hidden; a failed one comes back then. */
  readonly visibilityTimeoutMs?: number;
  /** A message received this often without success moves to `deadLetters` (or is dropped). */
  readonly maxReceives?: number;
  readonly deadLetters?: Queue;
}

interface Message {
  readonly body: string;
  /** FIFO queues: messages of one group come one after the other. */
  readonly group?: string;
  readonly deduplicationId?: string;
  /** At most 15 minutes, as DelaySeconds. */
  readonly delayMs?: number;
}

interface Stored {
  readonly body: string;
  readonly group: string;
  visibleAt: Elapsed;
  receives: number;
  inFlight: boolean;
}

const DEDUPLICATION_MS = 5 * 60_000;
export const MAX_DELAY_MS = 15 * 60_000;
