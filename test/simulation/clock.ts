import type { Chance } from './chance.ts';

/**
 * Virtual time: tasks that are due at some time, run one at a time. What is due at the same moment comes in an order that chance decides.
 * After each task everything that follows from it without waiting (the microtasks of promises) is done before the next one begins, so a
 * run depends on nothing but its seed.
 */
export class VirtualTime {
  readonly #chance: Chance;
  readonly #heap: Task[] = [];
  #now: number;
  #steps = 0;
  /** By how many ms all wall clocks are wrong: an operator, or their time server, has set them. */
  wrong = 0;

  constructor({ start, chance }: { start: number; chance: Chance }) {
    this.#now = start;
    this.#chance = chance;
  }

  /** ms since the epoch; may have a fraction. */
  get now(): number {
    return this.#now;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Runs `task` in `ms`. */
  after(ms: number, task: () => void): Timer {
    const entry: Task = { at: this.#now + Math.max(0, ms), order: this.#chance.next(), run: task };
    push(this.#heap, entry);
    return {
      cancel() {
        entry.run = undefined;
      },
    };
  }

  /** Runs what is due, and moves time on, until `done` says so or nothing is left to do before `until`. */
  async run({ until, done = () => false }: { until: number; done?: () => boolean }): Promise<void> {
    // What was begun just now may have nothing to wait for yet.
    await settled();
    while (!done()) {
      const next = this.#heap[0];
      if (!next || next.at > until) {
        this.#now = Math.max(this.#now, until);
        return;
      }
      pop(this.#heap);
      if (!next.run) continue;
      this.#now = Math.max(this.#now, next.at);
      this.#steps++;
      if (this.#steps > MAX_STEPS) throw new Error(`no end in sight after ${MAX_STEPS} steps`);
      next.run();
      await settled();
    }
  }
}

export interface Timer {
  cancel(): void;
}

interface Task {
  readonly at: number;
  readonly order: number;
  /** None: cancelled. */
  run: (() => void) | undefined;
}

const MAX_STEPS = 3_000_000;

/** Once all microtasks, and those that they start, are done. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

const before = (a: Task, b: Task) => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Task[], task: Task): void {
  let i = heap.length;
  heap.push(task);
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!before(task, heap[parent]!)) break;
    heap[i] = heap[parent]!;
    i = parent;
  }
  heap[i] = task;
}

function pop(heap: Task[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
    if (!before(heap[child]!, last)) break;
    heap[i] = heap[child]!;
    i = child;
  }
  heap[i] = last;
}
