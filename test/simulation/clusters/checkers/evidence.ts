import type { Cluster } from '../../../../core/apis/logplane/cluster.ts';
import type { Branch } from '../../../../core/log/branches.ts';
import type { State } from '../../../../core/state/state.ts';
import type { BranchJournal } from '../../branch-journal.ts';
import type { Subscribers } from '../../subscribers.ts';
import type { Told } from '../told.ts';

/** What is known when a run has come to rest. */
export interface Evidence {
  readonly told: Told;
  readonly journal: BranchJournal;
  readonly subscribers: Subscribers;
  /** The objects of `root`. */
  readonly objects: readonly Cluster[];
  /** The clusters that are there besides `root`, as a new process reads them. */
  readonly open: readonly Open[];
  /** The time of `root`, ms since the epoch. */
  readonly now: number;
}

export interface Open {
  readonly branch: Branch;
  readonly state: State;
  /** Its ConfigMaps right after an offset; undefined: that is not kept any more. */
  readonly at: ReadonlyMap<number, string | undefined>;
}

/** Says everything that is wrong, a sentence for each. */
export type Checker = (evidence: Evidence) => Iterable<string>;
