import type { Offset } from '../../log/event.ts';
import type { WorkerFailure } from '../../log/worker-failure.ts';
import type { Written } from '../../log/written.ts';

/** What a host finds out of a cluster, of its log and of what runs on it. It moves all the time, and is written nowhere. */
export type ClusterFigures = (cluster: { readonly name: string; readonly log: string }) => Promise<Figures>;

export interface Figures {
  /** None: its log is damaged there. */
  readonly offset?: Offset;
  readonly lastActivity?: string;
  /** Where it is open in this process. */
  readonly objects?: number;
  readonly bytes?: number;
  /** What its writes have come to, where its log can tell. */
  readonly writes?: Written;
  /** Those that failed when they ran last. */
  readonly reconcilers?: readonly WorkerFailure[];
  /** Those that fail, or have put changes aside, where it is open in this process. */
  readonly subscriptions?: readonly SubscriptionFailure[];
}

export interface SubscriptionFailure {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly error?: string;
  /** How many changes have come since what its target took last. */
  readonly lag?: number;
  readonly deadLetters?: number;
}
