import { failureText } from '../core/clusters/failure-text.ts';
import type { Env } from '../core/env.ts';
import { epochMs, type RealDelay } from '../core/instant.ts';
import { timestamp } from '../core/kube/object.ts';
import { clusterOfLog } from '../core/log/branches.ts';
import type { WorkerFailure } from '../core/log/worker-failure.ts';
import { Timers } from '../core/reconcile/timers.ts';
import type { Wakeups } from '../core/reconcile/wakeups.ts';
import { type Work, type WorkedOn, type Worker, wokenBy } from '../core/reconcile/worker.ts';
import type { Sized } from '../core/replica/open-clusters.ts';
import type { Replica } from '../core/replica/replica.ts';
import { MAX_DELAY_MS, Queue } from './queue.ts';

/** What the process keeps of a cluster while it is open. */
export interface OpenCluster extends Sized {
  readonly replica: Replica;
  /** By the name of the worker. */
  readonly works: Map<string, Work>;
}

interface HostWorkOptions {
  readonly workers: readonly Worker[];
  readonly env: Env;
  readonly admission: Pick<WorkedOn, 'admissionPlugins' | 'ask'>;
  readonly open: (cluster: string) => Promise<OpenCluster | undefined>;
  /** Whether the log takes nothing: that is reported once (log-watch.ts), not for each write. */
  readonly isLogFailing: () => boolean;
  readonly problem: (message: string, error?: unknown) => void;
  readonly signal: AbortSignal;
}

/** Runs the workers of a host on the clusters that they are woken for, through queues in memory as a deployment has them in SQS. */
export class HostWork {
  readonly #options: HostWorkOptions;
  readonly #queues: ReadonlyMap<string, Queue>;
  readonly #delayed: Queue;
  readonly #timers: Timers;
  /** Of each cluster, the workers that failed when they ran last. */
  readonly #failures = new Map<string, Map<string, WorkerFailure>>();
  readonly wakeups: Wakeups;
  #runs = 0;

  constructor(options: HostWorkOptions) {
    const { clock } = options.env;
    this.#options = options;
    this.#queues = new Map(options.workers.map(({ name }) => [name, new Queue(name, { clock, fifo: true, visibilityTimeoutMs: 1_000 })]));
    this.#delayed = new Queue('delayed', { clock, visibilityTimeoutMs: 1_000 });
    this.wakeups = this.#makeWakeups();
    this.#timers = new Timers(this.wakeups, clock);
  }

  /** How many runs there have been. */
  get runs(): number {
    return this.#runs;
  }

  wakeAll(cluster: string): void {
    for (const queue of this.#queues.values()) queue.send({ body: cluster, group: cluster });
  }

  failuresOf(cluster: string): readonly WorkerFailure[] {
    return [...(this.#failures.get(cluster)?.values() ?? [])];
  }

  /** Of a cluster that has ended. */
  forget(cluster: string): void {
    this.#failures.delete(cluster);
  }

  /** Resolves once there is nothing to do for a cluster. What waits for a time is not waited for; nor is anything once the host is closed. */
  async settled(cluster: string): Promise<void> {
    const queues = [...this.#queues.values(), this.#delayed];
    const { signal } = this.#options;
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    for (;;) {
      const busy = queues.find((queue) => !queue.isQuiet(cluster));
      if (!busy || signal.aborted) return;
      await Promise.race([busy.changed(), stopped]);
    }
  }

  /** Takes wake-ups until the signal aborts; each promise resolves when the runs that are under way then have ended. */
  consume(): readonly Promise<void>[] {
    const { workers, signal } = this.#options;
    const delayed = async (body: string) => {
      const { cluster, reconciler, left } = JSON.parse(body) as { cluster: string; reconciler: string; left: RealDelay };
      if (left > 0) return this.wakeups.later(cluster, reconciler, left);
      this.#queues.get(reconciler)?.send({ body: cluster, group: cluster });
    };
    return [
      ...workers.map((worker) => this.#queues.get(worker.name)!.consume((cluster) => this.#run(worker, cluster), { signal })),
      this.#delayed.consume(delayed, { signal }),
    ];
  }

  #makeWakeups(): Wakeups {
    return {
      appended: async (log, offset, state) => {
        const cluster = clusterOfLog(log);
        for (const name of wokenBy(state, this.#options.workers))
          this.#queues.get(name)!.send({ body: cluster, group: cluster, deduplicationId: `${log}:${offset}` });
      },
      later: async (cluster, reconciler, delay) => {
        // A delay is 15 minutes at most: what is further off is sent on.
        const left = Math.max(0, delay - MAX_DELAY_MS);
        this.#delayed.send({ body: JSON.stringify({ cluster, reconciler, left }), group: cluster, delayMs: delay });
      },
    };
  }

  async #run(worker: Worker, cluster: string): Promise<void> {
    this.#runs++;
    const { env, admission, open: opened, isLogFailing, problem } = this.#options;
    let open: OpenCluster | undefined;
    try {
      open = await opened(cluster);
      // It may have ended since.
      if (!open) return;
      const { replica, works } = open;
      const work = works.get(worker.name) ?? worker.on({ replica, env, ...admission, wakeIn: (delay) => this.#timers.next(cluster, worker.name, delay) });
      works.set(worker.name, work);
      const next = await work.run();
      if (replica.isOver) return;
      await this.#timers.next(cluster, worker.name, replica.delayUntil(next));
      await replica.snapshotIfDue();
      if (worker.name === KEEPER) await this.#timers.next(cluster, worker.name, replica.delayUntil(await replica.truncateIfDue()));
      this.#failures.get(cluster)?.delete(worker.name);
    } catch (error) {
      // It takes no writes any more: there was nothing to be done.
      if (open?.replica.isOver) return;
      this.#failed(worker, cluster, error);
      if (!isLogFailing()) problem(`${worker.name} failed on cluster ${cluster}`, error);
      throw error;
    }
  }

  #failed({ name }: Worker, cluster: string, error: unknown): void {
    const failures = this.#failures.get(cluster) ?? new Map<string, WorkerFailure>();
    this.#failures.set(cluster, failures);
    const since = failures.get(name)?.since ?? timestamp(epochMs(this.#options.env.clock.now()));
    failures.set(name, { name, error: failureText(error), since });
  }
}

/** The worker that is woken for what is older than the cluster keeps. */
const KEEPER = 'controllers';
