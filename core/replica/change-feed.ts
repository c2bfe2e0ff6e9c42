import { expired } from '../kube/status.ts';
import type { Offset } from '../log/event.ts';
import type { Change } from '../state/change.ts';
import { noSuchCluster } from './cluster-end.ts';
import type { History } from './history.ts';
import type { Past } from './past.ts';
import { type Scope, WaitingReaders } from './waiting-readers.ts';

export interface ChangesOptions {
  /** What concerns the reader: everything, when not given. */
  readonly scope?: Scope;
  readonly signal: AbortSignal;
  readonly restores?: number;
  readonly limit?: number;
}

/** Some changes, and the offset up to which they are all that concern their reader. */
export interface ChangeBatch {
  readonly changes: readonly Change[];
  readonly offset: Offset;
}

/** What is known of a cluster where its changes are read. */
interface Known {
  readonly cluster: string;
  readonly end: () => Offset;
  readonly isDoubtful: () => boolean;
  readonly isOver: () => boolean;
  readonly restores: () => number;
  readonly history: () => Pick<History, 'after'>;
  readonly past: () => Pick<Past, 'changesAfter'>;
  readonly catchUp: () => Promise<void>;
}

/** The changes of a cluster for those who follow them: from memory, or from the log, and woken when there are more. Nothing is queued for a reader, nor kept for it. */
export class ChangeFeed {
  readonly waiting = new WaitingReaders();
  readonly #known: Known;

  constructor(known: Known) {
    this.#known = known;
  }

  /** `Replica.changesAfter`. */
  async after(offset: Offset, { scope, signal, restores = this.#known.restores(), limit = 1_000 }: ChangesOptions): Promise<ChangeBatch> {
    const known = this.#known;
    for (let after = offset; ; ) {
      if (known.isDoubtful()) await known.catchUp();
      if (known.restores() !== restores) throw expired(`The cluster was restored from a backup, or reset; what was known of ${offset} is no longer true`);
      const recent = known.history().after(after, { limit, ...(scope && { resource: scope.resource }) });
      const changes = recent ?? (await known.past().changesAfter(after, limit));
      if (known.restores() !== restores) continue;
      if (changes.length > 0) return { changes, offset: recent && recent.length < limit ? known.end() : changes.at(-1)!.offset };
      if (known.isOver()) throw noSuchCluster(known.cluster);
      if (signal.aborted) return { changes, offset: Math.max(after, known.end()) };
      after = Math.max(after, await this.waiting.wait(scope, { signal, now: known.end }));
    }
  }

  /** `Replica.changes`, for a reader that has the log followed. */
  async *batches(after: Offset, signal: AbortSignal): AsyncGenerator<readonly Change[]> {
    // What is asked for is behind an offset of the log as it is now.
    if (this.#known.isDoubtful()) await this.#known.catchUp();
    const restores = this.#known.restores();
    for (let offset = after; !signal.aborted; ) {
      const batch = await this.after(offset, { signal, restores });
      if (batch.changes.length > 0) yield batch.changes;
      offset = batch.offset;
    }
  }
}
