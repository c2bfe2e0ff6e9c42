import type { Offset } from './event.ts';

/**
 * Where the log of a cluster is kept, and whose history it shares. A fork has its own log, which goes on behind an offset of another one; what is up to there
 * is read from that one and written nowhere again (docs/decisions/0032-forks-and-resets.md).
 */
export interface Branch {
  /** The name of the cluster. */
  readonly cluster: string;
  /** The name under which adapters keep its own entries, snapshots and proposals: the cluster's, or `newLogName`. */
  readonly log: string;
  /** What comes before its own entries, nearest last; none: it begins at offset 1. */
  readonly base: readonly Segment[];
}

/** A stretch of another cluster's log, from where the segment before it ends up to an offset, which may be in the middle of an entry. */
export interface Segment {
  readonly log: string;
  readonly upTo: Offset;
}

/** The branches of all clusters, one record each. */
export interface Branches {
  /** Undefined: there is no such cluster. One that has entries and no record has the log of its own name, and no base. */
  get(cluster: string): Promise<Branch | undefined>;
  list(): Promise<readonly Branch[]>;
  /**
   * Begins a branch. `taken`: the name has another log. `gone`: of what its base names something was removed, or truncated behind `upTo`, or nothing may follow there, as its cluster has ended
   * (end-entry.ts); nothing was begun. The same branch may be begun again. From `begun` on, what its base names stays until the branch has ended or was cut.
   */
  begin(branch: Branch): Promise<'begun' | 'taken' | 'gone'>;
  /**
   * Gives up what a branch shares: its history begins at a snapshot of its own log from now on, which stays, and which must have an entry at or behind it. Does nothing where the cluster has another
   * branch by now, or a branch is based on what is before.
   */
  cut(branch: Branch, begin: { readonly snapshot: Offset }): Promise<void>;
  /** Ends the branch of a cluster: the name is free, and its log is noted as one to be removed. Does nothing more where the cluster has another log by now. */
  end(cluster: string, log: string): Promise<void>;
  /** The logs of ended branches of which something is left. */
  ended(): Promise<readonly string[]>;
  /**
   * Lets go of ended logs that no branch is based on, so that `remove` need not look for that: one look at all branches, however many logs. Resolves to the clusters that hold each, none where
   * it may go; what is not among them was decided by another process just now, or has not ended.
   */
  release(logs: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
}

/** What came of a piece of removing. */
export interface Removal {
  /** Nothing more can be removed now. */
  readonly done: boolean;
  /** The clusters whose base names the log: until they have ended or were cut, nothing of it goes. */
  readonly heldBy?: readonly string[];
  /** In how many ms more may go: writers and keepers may be at work that have not heard of the end. */
  readonly leftMs?: number;
}

/** The name of a new log. It is no cluster's name, and is never used again, so that a writer of a removed log cannot write into what took its place. */
export const newLogName = (cluster: string, random: string): string => `${cluster}~${random}`;

/** The cluster whose log has a name. */
export const clusterOfLog = (log: string): string => log.split('~', 1)[0]!;

/** Whether a log has a name that was made for it, other than the cluster's: it is one of a branch that was begun. */
export const isBegunLog = (log: string): boolean => log.includes('~');

/** The offset behind which a branch has its own entries. */
export const branchPoint = ({ base }: Pick<Branch, 'base'>): Offset => base.at(-1)?.upTo ?? 0;

/** What a fork of a cluster at an offset is based on. */
export function baseAt({ log, base }: Branch, offset: Offset): Segment[] {
  const shared = base.findIndex(({ upTo }) => offset <= upTo);
  if (shared === -1) return [...base, { log, upTo: offset }];
  return [...base.slice(0, shared), { log: base[shared]!.log, upTo: offset }];
}

/** How far the bases of branches reach into a log, by cluster. */
export function usesOf(log: string, branches: readonly Branch[]): { readonly cluster: string; readonly upTo: Offset }[] {
  return branches.flatMap(({ cluster, base }) => base.filter((segment) => segment.log === log).map(({ upTo }) => ({ cluster, upTo })));
}
