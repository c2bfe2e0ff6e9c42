import type { Key, KubeObject } from '../../core/kube/object.ts';

/** What the clients of a run did and were told: what the checkers hold against the log. */
export class History {
  /** Where the log of a cluster ends now, whether or not an instance knows of it. */
  readonly endOf: (cluster: string) => number;
  /** When faults stopped: ms since the epoch. */
  calmSince = Number.POSITIVE_INFINITY;
  /** Every request; of a watch, how it began. */
  readonly exchanges: Exchange[] = [];
  readonly writes: Write[] = [];
  readonly deletions: Deletion[] = [];
  readonly reads: Read[] = [];
  readonly informers: Observation[] = [];
  readonly buffers: Buffered[] = [];
  /** By cluster: the offset up to which every informer must have seen everything. */
  readonly watched = new Map<string, number>();
  /** Counters that clients add to with optimistic concurrency, by cluster and key. */
  readonly counters = new Map<string, { acknowledged: number; unknown: number }>();
  /** By cluster: the highest offset that any client was told of. */
  readonly #known = new Map<string, number>();

  constructor({ endOf }: Pick<History, 'endOf'>) {
    this.endOf = endOf;
  }

  /** Some client was told of this offset: every client that asks for the newest from now on must see it. */
  told(cluster: string, offset: number): void {
    this.#known.set(cluster, Math.max(offset, this.known(cluster)));
  }

  known(cluster: string): number {
    return this.#known.get(cluster) ?? 0;
  }
}

/** What a client meant to read or change, as far as a checker can hold the answer against it. */
export interface Meant {
  readonly key: Key;
  /** Of a read: the resourceVersion that it asks for; none: the newest. */
  readonly resourceVersion?: number;
  /** Of a write: the resourceVersion that the object must have. */
  readonly precondition?: string | undefined;
  /** Of a write: no state of the cluster could make it right. */
  readonly invalid?: boolean;
}

/** A request and its answer. */
export interface Exchange {
  readonly cluster: string;
  readonly client: string;
  /** In whose name the client asks. */
  readonly user: string;
  /** The instance that answered. */
  readonly by: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly meant: Meant | undefined;
  /** ms since the epoch. */
  readonly asked: number;
  readonly answered: number;
  /** Where the log ended when it was asked, and when it was answered: some state from the one to the other must justify the answer. */
  readonly from: number;
  readonly to: number;
  /** None: no answer came. */
  readonly code: number | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON the API answers
  readonly body: any;
  /** How long ago, in ms, the instance that answered had had trouble with the log, or stood still, when its answer began. */
  readonly sinceHindered?: number;
}

/** What a client knows of its write: it is in the log, it is not, or the answer was lost. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

/** A write with a mark of its own, in the annotation MARK. */
export interface Write {
  readonly cluster: string;
  readonly key: string;
  readonly mark: string;
  readonly outcome: Outcome;
  readonly code: number | undefined;
  /** The resourceVersion that the object had to have. */
  readonly precondition: string | undefined;
  /** The answer, when acknowledged. */
  readonly object: KubeObject | undefined;
  readonly at: number;
}

export interface Deletion {
  readonly cluster: string;
  readonly key: string;
  /** None: only begun, or held back by a finalizer. */
  readonly uid: string | undefined;
  /** The resourceVersion that the object had to have. */
  readonly precondition: string | undefined;
  /** The object as it was answered, when it is not gone yet. */
  readonly object: KubeObject | undefined;
  readonly at: number;
}

/** A list, put together from its pages. */
export interface Read {
  readonly cluster: string;
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly offset: number;
  readonly objects: readonly KubeObject[];
  /** What the answer must contain: what any client had been told of when it was asked for. */
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
  /** One after the other, each from where the one before ended. */
  readonly watches: Watched[];
  /** The last offset that was delivered, in an event or a bookmark. */
  last: number;
}

/** What came of one request to watch. */
export interface Watched {
  /** The resourceVersion that it began behind. */
  readonly after: number;
  readonly frames: Frame[];
  /** It ended within a frame. */
  torn: boolean;
}

export interface Frame {
  readonly type: string;
  readonly object: KubeObject;
}

/** What a body held at most that its reader had not taken yet. */
export interface Buffered {
  readonly cluster: string;
  readonly client: string;
  readonly by: string;
  readonly most: number;
}

export const MARK = 'simulation/mark';
