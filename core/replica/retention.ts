import type { Env } from '../env.ts';
import { between, type ClusterInstant, clusterInstant, type Elapsed, plus } from '../instant.ts';
import type { Offset } from '../log/event.ts';
import type { EventLog } from '../log/log.ts';
import type { State } from '../state/state.ts';
import { resetsIn } from './cluster-reset.ts';
import { canBeginAt } from './log-beginning.ts';

export interface RetentionOptions {
  readonly log: EventLog;
  readonly cluster: string;
  readonly env: Pick<Env, 'clock'>;
  /** How long entries are kept at least, as it is set now; 0: for ever. */
  readonly retentionMs: () => number;
  /** The newest state that is known here: it says where the cluster was reset. None: nowhere. */
  readonly state?: () => State;
  /** No other process writes to this log: none can be behind. */
  readonly exclusive: boolean;
  /** For how long a snapshot has to be known here before what is behind it goes; five minutes unless told. */
  readonly settledMs?: number;
}

/**
 * The end of what is older than a cluster keeps (docs/decisions/0016-retention.md). The log begins at the newest snapshot that is old enough: what lies
 * within the retention can be read from there, and what is before goes, unless forks share it, or a reset goes back to it: then it stays until the log can begin behind that.
 */
export class Retention {
  readonly #options: RetentionOptions;
  /** Since when each snapshot is known here, by elapsed time. */
  #known: ReadonlyMap<Offset, Elapsed> = new Map();
  /** Where the log begins, as far as it was made to here. */
  #begin: Offset = 0;
  /** Before that time of the cluster nothing can be due. */
  #lookAt = clusterInstant(0);
  /** As long as that much is kept. */
  #keptMs = 0;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Does what is due at a time of the cluster, a bounded piece of it. Resolves to when there may be more to do; undefined when only a change of the cluster can bring that. */
  async run(now: ClusterInstant): Promise<ClusterInstant | undefined> {
    const retentionMs = this.#options.retentionMs();
    if (retentionMs === 0) return undefined;
    if (now < this.#lookAt && retentionMs === this.#keptMs) return this.#lookAt;
    this.#keptMs = retentionMs;
    const next = await this.#look(now, retentionMs);
    this.#lookAt = next ?? clusterInstant(0);
    return next;
  }

  async #look(now: ClusterInstant, retentionMs: number): Promise<ClusterInstant | undefined> {
    const { log, cluster, env, settledMs = SETTLED_MS } = this.#options;
    const snapshots = await log.snapshots(cluster);
    const elapsed = env.clock.elapsed();
    this.#known = new Map(snapshots.map(({ offset }) => [offset, this.#known.get(offset) ?? elapsed]));
    const suffices = this.#sufficient();
    const old = snapshots.filter(({ offset, time }) => time <= now - retentionMs && offset > this.#begin && suffices(offset, []));
    const young = snapshots.find(({ time }) => time > now - retentionMs);
    const later = young && plus(young.time, retentionMs);
    if (old.length === 0) return later;
    const settled = old.findLast(({ offset }) => this.#isSettled(offset));
    if (!settled) return plus(now, settledMs);
    // It can be read: nothing else would tell what the entries did.
    if ((await log.loadSnapshot(cluster, { atMost: settled.offset }))?.offset !== settled.offset) return plus(now, settledMs);
    let snapshot = settled.offset;
    for (;;) {
      const { done, held } = await log.truncate(cluster, { snapshot, suffices: (forks) => suffices(snapshot, forks) });
      if (!done) return plus(now, SOON_MS);
      if (!held) break;
      const free = old.findLast(({ offset }) => offset < snapshot && suffices(offset, held));
      if (!free) return later;
      snapshot = free.offset;
    }
    this.#begin = snapshot;
    return settled === old.at(-1) ? later : plus(now, settledMs);
  }

  /** Whether what is left when the log begins at a snapshot can be read, and leads to where forks begin: a reset may go back to what is before. */
  #sufficient(): (begin: Offset, forks: readonly Offset[]) => boolean {
    const state = this.#options.state?.();
    const resets = state ? resetsIn(state) : [];
    return (begin, reaches) => canBeginAt(begin, { resets, reaches });
  }

  /**
   * Whether no writer may still append at the place of an entry before a snapshot: each has read the log to its end since this process first saw it, or has given up.
   * That is measured by elapsed time: wall clocks can be set.
   */
  #isSettled(offset: Offset): boolean {
    const { env, exclusive, settledMs = SETTLED_MS } = this.#options;
    return exclusive || between(this.#known.get(offset)!, env.clock.elapsed()) >= settledMs;
  }
}

/**
 * A writer reads the log again when it has not seen its end for a minute (MAX_STALENESS in commits.ts), and gives an append up a minute after it began it
 * (dynamodb/requests.ts).
 */
const SETTLED_MS = 5 * 60_000;
const SOON_MS = 1_000;
