import { advance, setRate } from '../../core/clusters/clock.ts';
import { type ClusterWork, passTime } from '../../core/clusters/passing-time.ts';
import { clusterClock } from '../../core/replica/cluster-clock.ts';
import type { Replica } from '../../core/replica/replica.ts';
import { durationMs } from './duration.ts';
import type { TestClock } from './test-cluster.ts';

/** The time of a cluster, as tests set it: in its log, as `spec.clock` of a Cluster does. */
export class ReplicaClock implements TestClock {
  readonly #replica: Replica;
  readonly #settled: () => Promise<void>;
  readonly #work: () => ClusterWork;
  /** How it went before it was paused. */
  #before: number | undefined;

  constructor(replica: Replica, { settled, work }: { readonly settled: () => Promise<void>; readonly work: () => ClusterWork }) {
    this.#replica = replica;
    this.#settled = settled;
    this.#work = work;
  }

  now(): Date {
    return new Date(this.#replica.now());
  }

  async advance(duration: string | number): Promise<void> {
    let left = durationMs(duration);
    await this.#settled();
    await passTime(this.#replica, this.#work(), {
      left: () => left,
      step: async (ms) => {
        await advance(this.#replica, ms);
        left -= ms;
      },
      isEnough: () => false,
    });
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
