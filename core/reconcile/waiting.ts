import { type AskEdge, answersTo } from '../decide/rounds.ts';
import type { AskingMutation } from './apply.ts';
import type { Attributed } from './reconciler.ts';

/** The mutations of a runner that wait for answers: they are asked about while its passes go on. */
export class Waiting {
  readonly #edge: AskEdge;
  readonly #all = new Map<Attributed, AskingMutation>();
  readonly #answered = new Set<AskingMutation>();
  #news = Promise.withResolvers<void>();

  constructor(edge: AskEdge) {
    this.#edge = edge;
  }

  /** All of them, also those that have been answered and not been applied yet. */
  get mutations(): readonly Attributed[] {
    return [...this.#all.keys()];
  }

  get answered(): readonly AskingMutation[] {
    return [...this.#answered];
  }

  /** Starts to ask. */
  add(asking: readonly AskingMutation[]): void {
    for (const one of asking) {
      this.#all.set(one.mutation, one);
      void this.#haveAnswered(one);
    }
  }

  remove(asking: readonly AskingMutation[]): void {
    for (const one of asking) {
      if (this.#all.get(one.mutation) === one) this.#all.delete(one.mutation);
      this.#answered.delete(one);
    }
  }

  clear(): void {
    this.#all.clear();
    this.#answered.clear();
  }

  /** Resolves when one more has been answered, or after `ms`. */
  async news(ms: number): Promise<void> {
    const come = new AbortController();
    await Promise.race([this.#news.promise, this.#edge.clock.sleep(ms, come.signal)]);
    come.abort();
  }

  async #haveAnswered(one: AskingMutation): Promise<void> {
    for (const [ask, answer] of await answersTo(one.asks, this.#edge)) one.memory.answers.learn(ask, answer);
    // It may have been forgotten meanwhile.
    if (this.#all.get(one.mutation) !== one) return;
    this.#answered.add(one);
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }
}
