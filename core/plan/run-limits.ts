import type { Clock } from '../env.ts';
import { between, type Elapsed } from '../instant.ts';
import type { Offset } from '../log/event.ts';

/** What a plan may take at most. */
export interface RunLimits {
  /** Of the log that is not written. */
  readonly events: number;
  /** Passes of reconcilers. */
  readonly passes: number;
  /** Of real time, in ms: so long its client, and the next plan, wait at most. */
  readonly ms: number;
}

/** About as much as a cluster of 50 workloads does in four days, or a rollout of 20,000 pods. */
export const defaultLimits: RunLimits = { events: 250_000, passes: 100_000, ms: 60_000 };

/** Why a plan was ended before it had come to its end. */
export class RanAway extends Error {
  override readonly name = 'RanAway';
}

/** Counts what a plan takes. */
export class Meter {
  readonly #limits: RunLimits;
  readonly #clock: Clock;
  readonly #began: Elapsed;
  readonly #base: Offset;
  readonly #signal: AbortSignal | undefined;
  #passes = 0;

  constructor({ limits, clock, base, signal }: { limits: RunLimits; clock: Clock; base: Offset; signal?: AbortSignal | undefined }) {
    this.#limits = limits;
    this.#signal = signal;
    this.#clock = clock;
    this.#base = base;
    this.#began = clock.elapsed();
  }

  /** Before one more pass, on a state that ends at `offset`. Throws `RanAway`. */
  pass(offset: Offset): void {
    this.#passes++;
    const { events, passes, ms } = this.#limits;
    if (this.#signal?.aborted) throw new RanAway('the client has gone away');
    if (offset - this.#base > events) throw new RanAway(`the cluster has not come to rest after ${events} changes`);
    if (this.#passes > passes) throw new RanAway(`the cluster has not come to rest after ${passes} passes of its reconcilers`);
    if (between(this.#began, this.#clock.elapsed()) > ms) throw new RanAway(`the plan takes more than ${ms / 1000} seconds to compute`);
  }
}
