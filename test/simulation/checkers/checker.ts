import type { LogEntry } from '../../../core/log/log.ts';
import type { Key, KubeObject } from '../../../core/object.ts';
import type { History } from '../history.ts';
import type { Replay } from '../replay.ts';

/** What is known of one cluster after a run. */
export interface Evidence {
  readonly cluster: string;
  /** Every entry that ever was put, in that order. */
  readonly entries: readonly LogEntry[];
  readonly replay: Replay;
  /** What the clients of this cluster did and saw (of others too: look at `cluster`). */
  readonly history: History;
  /** What projections held at some time, and what a new one holds that was restored from the log. */
  readonly projections: readonly Held[];
  /** ms since the epoch, when the run ended. */
  readonly now: number;
}

export interface Held {
  readonly by: string;
  readonly offset: number;
  readonly objects: ReadonlyMap<Key, KubeObject>;
}

/** Says everything that is wrong, a sentence for each. */
export interface Checker {
  readonly name: string;
  readonly check: (evidence: Evidence) => Iterable<string>;
}
