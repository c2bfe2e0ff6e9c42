import { advance, setRate } from '../../core/clusters/clock.ts';
import { clusterClock } from '../../core/replica/cluster-clock.ts';
import type { Replica } from '../../core/replica/replica.ts';
import { durationMs } from './duration.ts';
import type { TestClock } from './test-cluster.ts';

/** The time of a cluster, as tests set it: in its log, as `spec.clock` of a Cluster does. */
export class ReplicaClock implements TestClock {
  readonly #replica: Replica;
  readonly #settled: () => Promise<void>;
  /** How it went before it was paused. */
  #before: number | undefined;

  constructor(replica: Replica, { settled }: { readonly settled: () => Promise<void> }) {
    this.#replica = replica;
    this.#settled = settled;
  }

  now(): Date {
    return new Date(this.#replica.now());
  }

  async advance(duration: string | number): Promise<void> {
    // What is due now is not late for having been asked for a moment before.
    await this.#settled();
    await advance(this.#replica, durationMs(duration));
    await this.#settled();
  }

  async rate(rate: number): Promise<void> {
    await setRate(this.#replica, rate);
    await this.#settled();
  }

  async pause(): Promise<void> {
    const { rate } = this.#replica.state.view(clusterClock);
    if (rate !== 0) this.#before = rate;
    await this.rate(0);
  }

  async resume(): Promise<void> {
    if (this.#replica.state.view(clusterClock).rate === 0) await this.rate(this.#before ?? 1);
  }
}
