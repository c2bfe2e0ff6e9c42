import type { Key, KubeObject } from '../../../core/kube/object.ts';
import type { LogEntry } from '../../../core/log/log.ts';
import type { History } from '../history.ts';
import type { Policy } from '../policy.ts';
import type { Replay } from '../replay.ts';
import type { Stamp } from '../stamps.ts';
import type { Subscribers } from '../subscribers.ts';

/** What is known of one cluster after a run. */
export interface Evidence {
  readonly cluster: string;
  /** Every entry that ever was put, in that order. */
  readonly entries: readonly LogEntry[];
  /** When each was written, by virtual time. */
  readonly writtenAt: ReadonlyMap<LogEntry, number>;
  /** Whether some wall clock was wrong for a while by more than clocks are. */
  readonly clocksSet: boolean;
  readonly replay: Replay;
  /** What the clients of this cluster did and saw (of others too: look at `cluster`). */
  readonly history: History;
  /** What projections held at some time, and what a new one holds that was restored from the log. */
  readonly projections: readonly Held[];
  readonly budget: Budget;
  /** What had to be asked about in all clusters. */
  readonly policy: Policy;
  /** The mutating webhook of all clusters. */
  readonly stamp: Stamp;
  /** Those who were told of changes, of all clusters. */
  readonly subscribers: Subscribers;
  /** The table was replaced by an older copy of itself. */
  readonly restored: boolean;
  /** ms since the epoch, when the run ended. */
  readonly now: number;
}

/** What may be kept. */
export interface Budget {
  /** Of one answer, for a reader that has not taken it. */
  readonly bufferBytes: number;
  /** By one projection, of the past; none: twice what it is to remember. */
  readonly changes?: number;
}

export interface Held {
  readonly by: string;
  readonly offset: number;
  /** How many changes it remembers. */
  readonly kept: number;
  /** How many it is to remember. */
  readonly historyLimit: number;
  readonly objects: ReadonlyMap<Key, KubeObject>;
}

/** Says everything that is wrong, a sentence for each. */
export interface Checker {
  readonly name: string;
  readonly check: (evidence: Evidence) => Iterable<string>;
}
