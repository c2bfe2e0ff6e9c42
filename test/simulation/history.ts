import type { KubeObject } from '../../core/object.ts';

/** What the clients of a run did and were told: what the checkers hold against the log. */
export class History {
  readonly writes: Write[] = [];
  readonly deletions: Deletion[] = [];
  readonly reads: Read[] = [];
  readonly informers: Observation[] = [];
  /** Counters that clients add to with optimistic concurrency, by cluster and key. */
  readonly counters = new Map<string, { acknowledged: number; unknown: number }>();
  /** By cluster: the highest offset that any client was told of. */
  readonly #known = new Map<string, number>();

  /** Some client was told of this offset: everybody who asks for the newest from now on must see it. */
  told(cluster: string, offset: number): void {
    this.#known.set(cluster, Math.max(offset, this.known(cluster)));
  }

  known(cluster: string): number {
    return this.#known.get(cluster) ?? 0;
  }
}

/** What a client knows of its write: it is in the log, it is not, or nobody told. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

/** A write with a mark of its own, in the annotation MARK. */
export interface Write {
  readonly cluster: string;
  readonly key: string;
  readonly mark: string;
  readonly outcome: Outcome;
  readonly code: number | undefined;
  /** The answer, when acknowledged. */
  readonly object: KubeObject | undefined;
  readonly at: number;
}

export interface Deletion {
  readonly cluster: string;
  readonly key: string;
  /** None: only begun, or held back by a finalizer. */
  readonly uid: string | undefined;
  readonly at: number;
}

/** A list, put together from its pages. */
export interface Read {
  readonly cluster: string;
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly offset: number;
  readonly objects: readonly KubeObject[];
  /** What the answer must contain: what had been told to anybody when it was asked for. */
  readonly atLeast: number;
  /** The offset that was asked for, when it was one. */
  readonly exactly?: number;
}

/** What an informer saw: lists, each followed by the events of watches from there. */
export interface Observation {
  readonly name: string;
  readonly cluster: string;
  readonly resource: string;
  readonly namespace: string | undefined;
  /** Only objects with this label. */
  readonly label: { readonly name: string; readonly value: string } | undefined;
  readonly segments: Segment[];
}

export interface Segment {
  /** Where the list stands in the log. */
  readonly from: number;
  readonly initial: readonly KubeObject[];
  readonly events: { readonly type: string; readonly object: KubeObject }[];
  readonly bookmarks: number[];
  /** The last offset that was delivered, in an event or a bookmark. */
  last: number;
  /** How many events had been delivered when each bookmark came. */
  readonly bookmarkAfter: number[];
}

export const MARK = 'simulation/mark';
