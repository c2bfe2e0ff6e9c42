import { earliest } from '../controllers/shared/earliest.ts';
import { type ClusterInstant, plus } from '../instant.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import { Runner } from '../reconcile/runner.ts';
import type { WorkedOn } from '../reconcile/worker.ts';
import type { Replica } from '../replica/replica.ts';

/** How time is put forward. */
export interface Forward {
  /** How much of the way is left, in ms. */
  readonly left: () => number;
  /** Goes a part of it, in ms. */
  readonly step: (ms: number) => Promise<void>;
  /** Whether it is to be gone on with another time. */
  readonly isEnough: () => boolean;
}

/**
 * Lets time pass in a cluster as if it had passed: from each moment at which a reconciler wants to run to the next one, with all that comes of it in between, so that a CronJob has all its
 * runs and what is due earlier is done earlier. Of a way of more than `LONGEST_MS` the beginning is one step, after which all that was due is late, as after an outage. Resolves to whether the
 * end was reached.
 */
export async function passTime(replica: Replica, work: Pick<ClusterWork, 'settle'>, { left, step, isEnough }: Forward): Promise<boolean> {
  for (;;) {
    const next = await work.settle(isEnough);
    const way = left();
    if (way <= 0) return true;
    if (isEnough()) return false;
    const due = next === undefined ? way : next - replica.now();
    await step(Math.min(way, Math.max(way - LONGEST_MS, due > 0 ? due : RESTLESS_MS)));
  }
}

/** As long a way as is gone from moment to moment: a month. */
export const LONGEST_MS = 31 * 86_400_000;

/** How far time goes on where reconcilers always find something to do. */
const RESTLESS_MS = 1_000;

/** The reconcilers of a cluster, run by what moves its time. Others of them may run as well: all look at what is. */
export class ClusterWork {
  readonly #replica: Replica;
  readonly #runners: readonly Runner[];

  /** `reconcilers`: instances of its own, as they remember what they have seen. */
  constructor(cluster: Omit<WorkedOn, 'wakeIn'>, reconcilers: readonly Reconciler[]) {
    this.#replica = cluster.replica;
    const { replica, env, admissionPlugins, ask } = cluster;
    this.#runners = reconcilers.map((reconciler) => new Runner({ replica, env, admissionPlugins, reconciler, ...(ask && { ask }) }));
  }

  /**
   * Runs them until none of them has anything to do now, or it is enough: webhooks that do not answer hold up other clusters no longer than that. Resolves to when one wants to be run
   * again; undefined: only a change can bring new work.
   */
  async settle(isEnough: () => boolean): Promise<ClusterInstant | undefined> {
    const replica = this.#replica;
    for (let round = 0; round < MOST_ROUNDS && !isEnough(); round++) {
      const before = replica.state.offset;
      const times: (ClusterInstant | undefined)[] = [];
      for (const runner of this.#runners) times.push(await runner.run());
      const next = earliest(...times);
      if (replica.state.offset === before && !(next! <= replica.now())) return next;
    }
    return plus(replica.now(), 0);
  }
}

/** Clients that write all the time, or a clock that goes fast, must not hold up time itself. */
const MOST_ROUNDS = 50;
