import { failureText } from '../core/clusters/failure-text.ts';
import { between, type Elapsed, epochMs, type RealInstant } from '../core/instant.ts';
import { timestamp } from '../core/kube/object.ts';
import type { WorkerFailure } from '../core/log/worker-failure.ts';
import type { Wiring } from './wiring.ts';

/** When it was last known that there is no note of a log; by either clock: one may have been set back, and the other stands still while a function sleeps. */
export interface Noted {
  readonly log: string;
  lookedAt?: { readonly wall: RealInstant; readonly elapsed: Elapsed };
}

/**
 * What a function notes of its worker's failures, for the status of the cluster. The group of a FIFO queue has one run at a time, in whichever container. So a run of a wake-up that has come
 * again, and one in a container that does not know, look whether there is a note; others neither read nor write.
 *
 * Nothing here rejects: what is not noted, alarms tell.
 */
export class FailureNotes {
  readonly #worker: string;
  readonly #wiring: Pick<Wiring, 'log' | 'env' | 'maxReceives' | 'problem'>;

  constructor(worker: string, wiring: Pick<Wiring, 'log' | 'env' | 'maxReceives' | 'problem'>) {
    this.#worker = worker;
    this.#wiring = wiring;
  }

  /** A wake-up has come again. A run that took too long, or whose process died, could say nothing of it, and this may be the last one. */
  again(cluster: string, { receives }: { receives: number }): Promise<void> {
    return this.#change(cluster, (before) => {
      const isLast = this.#isLast(receives);
      if (before && (!isLast || before.deadLettered)) return undefined;
      return { ...(before ?? { ...this.#begun(), error: UNENDED, attempts: receives - 1 }), ...(isLast && { deadLettered: true }) };
    });
  }

  failed(cluster: string, error: unknown, { receives }: { receives: number }): Promise<void> {
    return this.#change(cluster, (before) => ({
      ...(before ?? this.#begun()),
      error: failureText(error),
      attempts: (before?.attempts ?? 0) + 1,
      ...(this.#isLast(receives) && { deadLettered: true }),
    }));
  }

  /** A run is done. */
  async succeeded(noted: Noted, { receives }: { receives: number }): Promise<void> {
    const { log, env } = this.#wiring;
    const now = { wall: env.clock.now(), elapsed: env.clock.elapsed() };
    const known = noted.lookedAt;
    if (receives === 1 && known && isRecent(known.wall, now.wall) && isRecent(known.elapsed, now.elapsed)) return;
    await this.#trying(noted.log, async () => {
      if (await log.failures.get(noted.log, this.#worker)) await log.failures.delete(noted.log, this.#worker);
      noted.lookedAt = now;
    });
  }

  #begun(): Pick<WorkerFailure, 'name' | 'since'> {
    return { name: this.#worker, since: timestamp(epochMs(this.#wiring.env.clock.now())) };
  }

  /** Whether the message goes to the dead-letter queue when this run fails (Amazon SQS API Reference, "SetQueueAttributes", maxReceiveCount). */
  #isLast = (receives: number): boolean => receives >= this.#wiring.maxReceives;

  #change(cluster: string, change: (before: WorkerFailure | undefined) => WorkerFailure | undefined): Promise<void> {
    const { log } = this.#wiring;
    return this.#trying(cluster, async () => {
      // What is open here may be the log of one that has ended, in which a note would be left for ever.
      const branch = await log.branches.get(cluster);
      if (!branch) return;
      const failure = change(await log.failures.get(branch.log, this.#worker));
      if (failure) await log.failures.put(branch.log, failure);
    });
  }

  async #trying(name: string, work: () => Promise<void>): Promise<void> {
    await work().catch((error) => this.#wiring.problem(`whether ${this.#worker} fails on cluster ${name} was not noted`, error));
  }
}

const UNENDED = 'a run has not ended: it took too long, or its process died';

const isRecent = <T extends RealInstant | Elapsed>(known: T, now: NoInfer<T>): boolean => between(known, now) >= 0 && between(known, now) < LOOK_AGAIN_MS;

/** Less than a wake-up takes to the dead-letter queue: whoever knew of no note before its first failure looks again before the next wake-up is done. */
const LOOK_AGAIN_MS = 5 * 60_000;
