import type { World } from './process.ts';

/**
 * An SQS queue with what it may do to its users: deliver again, late, and (a standard one) in any order. A FIFO queue gives out the messages
 * of a group one batch after the other and takes an id once in five minutes; its lock on a group ends with the visibility time-out, or
 * earlier when that fault strikes. (Amazon SQS Developer Guide: "At-least-once delivery", "FIFO queue delivery logic", "Exactly-once processing".)
 */
export class SimulatedQueue {
  readonly name: string;
  readonly #world: World;
  readonly #options: QueueOptions;
  readonly #recent = new Map<string, number>();
  #messages: Stored[] = [];
  #received = 0;
  #sent = 0;
  /** Called when there may be something to receive. */
  onChange: () => void = () => {};
  /** What was received too often without success. */
  readonly deadLetters: Message[] = [];

  constructor(world: World, name: string, options: QueueOptions) {
    this.#world = world;
    this.name = name;
    this.#options = options;
  }

  send(message: Message): void {
    const { time, faults, chance } = this.#world;
    const { fifo } = this.#options;
    if (fifo) {
      // Scoped to the group, as infra/queues.ts asks for.
      const id = `${message.group} ${message.deduplicationId}`;
      const at = this.#recent.get(id);
      if (at !== undefined && time.now - at < DEDUPLICATION_MS) return;
      this.#recent.set(id, time.now);
    }
    if ((message.delayMs ?? 0) > MAX_DELAY_MS) throw new Error(`no queue delays a message by ${message.delayMs} ms`);
    const late = faults.strikes('wake-up late') ? chance.exponential(10_000) : 0;
    this.#messages.push({
      ...message,
      id: `${this.name}-${++this.#sent}`,
      visibleAt: time.now + (message.delayMs ?? 0) + late,
      receives: 0,
      receipt: 0,
      locked: false,
    });
    this.#announce((message.delayMs ?? 0) + late);
  }

  get depth(): number {
    return this.#messages.length;
  }

  /** Up to ten messages that may be had now; of one group, when FIFO. */
  receive(): Received[] {
    const { time, faults, chance } = this.#world;
    const { fifo, maxReceives, visibilityMs } = this.#options;
    const held = new Set<string>();
    for (const message of this.#messages) if (fifo && message.locked && message.visibleAt > time.now) held.add(message.group!);
    const ready: Stored[] = [];
    for (const message of fifo ? this.#messages : shuffled(this.#messages, chance)) {
      if (ready.length === BATCH) break;
      if (message.visibleAt > time.now) {
        // A message behind one that is not visible yet waits for it.
        if (fifo) held.add(message.group!);
      } else if (!fifo || (!held.has(message.group!) && (ready.length === 0 || ready[0]!.group === message.group))) ready.push(message);
    }
    const batch: Received[] = [];
    for (const message of ready) {
      if (message.receives >= maxReceives) {
        this.#messages.splice(this.#messages.indexOf(message), 1);
        this.deadLetters.push({ body: message.body, group: message.group!, deduplicationId: `${message.id} again` });
        continue;
      }
      message.receives++;
      message.receipt = ++this.#received;
      message.locked = true;
      message.visibleAt = time.now + (faults.strikes('lock lapses') ? chance.between(0, 200) : visibilityMs);
      this.#announce(message.visibleAt - time.now);
      batch.push({ id: message.id, body: message.body, receipt: message.receipt, receives: message.receives });
    }
    return batch;
  }

  /** The message is done with. (It may have been received again in the meantime: then the receipt is no good any more.) */
  delete(receipt: number): void {
    const i = this.#messages.findIndex((message) => message.receipt === receipt);
    if (i < 0) return;
    if (this.#world.faults.strikes('wake-up repeated')) this.changeVisibility(receipt, this.#world.chance.between(0, 5_000));
    else this.#messages.splice(i, 1);
    this.onChange();
  }

  /** The message can be received again in `ms`. */
  changeVisibility(receipt: number, ms: number): void {
    const message = this.#messages.find((other) => other.receipt === receipt);
    if (!message) return;
    message.visibleAt = this.#world.time.now + ms;
    message.locked = false;
    this.#announce(ms);
  }

  /** Puts what was set aside back, as an operator does after finding out why. */
  redrive(): void {
    for (const message of this.deadLetters.splice(0)) this.send(message);
  }

  #announce(ms: number): void {
    this.#world.time.after(ms, () => this.onChange());
  }
}

export interface QueueOptions {
  readonly fifo: boolean;
  readonly visibilityMs: number;
  readonly maxReceives: number;
}

export interface Message {
  readonly body: string;
  readonly group?: string;
  readonly deduplicationId?: string;
  readonly delayMs?: number;
}

export interface Received {
  readonly id: string;
  readonly body: string;
  readonly receipt: number;
  /** How often it was received by now. */
  readonly receives: number;
}

interface Stored extends Message {
  readonly id: string;
  visibleAt: number;
  receives: number;
  receipt: number;
  /** Received and neither deleted nor given back. */
  locked: boolean;
}

const BATCH = 10;
const DEDUPLICATION_MS = 5 * 60_000;
const MAX_DELAY_MS = 15 * 60_000;

function shuffled<T>(list: readonly T[], chance: World['chance']): T[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const k = chance.whole(0, i);
    [out[i], out[k]] = [out[k]!, out[i]!];
  }
  return out;
}
