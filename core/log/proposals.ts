import type { Key } from '../kube/object.ts';
import type { LogEvent, Offset } from './event.ts';

/**
 * Commits that wait beside the log. A writer that lost the race for the log's end leaves there what it decided and what that rests on; the writer that
 * appends next puts it into its own entry, which names it (docs/decisions/0015-rebase.md).
 */
export interface Proposals {
  /** Puts a proposal beside the log, in the place of an earlier one of the same id. False: it is too large, or there is no place for it; nothing was put. */
  put(cluster: string, proposal: Proposal): Promise<boolean>;
  /** The proposals that are there, strongly consistent, in no particular order; not all of them when they are many. */
  list(cluster: string): Promise<readonly ListedProposal[]>;
  /** Removes a proposal: it is settled. One that stays is passed over, as the log tells that it is settled. */
  delete(cluster: string, id: string): Promise<void>;
}

/** The position at which a decision was made: the end of an entry, and who wrote that. Two logs with the same history up to there agree on it. */
export interface Position {
  readonly offset: Offset;
  readonly writer: string;
}

export interface Proposal {
  /** Of the commit, whatever it decides: an entry that holds its events names it, so that they are in the log once. */
  readonly id: string;
  /** Nothing that it has read was changed up to there. */
  readonly after: Position;
  readonly events: readonly LogEvent[];
  readonly reads: ReadSet;
}

/** A proposal as it is found: what is in it is decoded by the writer that wants to know. */
export interface ListedProposal extends Pick<Proposal, 'id' | 'after'> {
  readonly content: () => Pick<Proposal, 'events' | 'reads'>;
}

/** What a decision has read, as any process can hold it against changes (state/reads.ts). */
export interface ReadSet {
  readonly keys: readonly Key[];
  /** `pods` for all of them, `pods/default/` for those of a namespace. */
  readonly lists: readonly string[];
  /** By the name of an index that every cluster has, the values that were asked for. */
  readonly indexes: Readonly<Record<string, readonly string[]>>;
}

/** A larger one would cost every writer that looks at the proposals more than a race that it loses. Encoded. */
export const MAX_PROPOSAL_BYTES = 128 * 1024;
