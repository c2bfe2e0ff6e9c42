import type { ClusterInstant } from '../instant.ts';
import type { GroupResource } from '../kube/object.ts';
import type { Branches, Removal } from './branches.ts';
import type { LogEvent, Offset } from './event.ts';
import type { Proposals } from './proposals.ts';
import type { Written } from './written.ts';

/**
 * The log of a cluster: everything that ever happened to every object, in one total order. All else is a projection of it.
 * This file is the contract; the adapters stand beside it, and `test/contract/` holds them all to it. Adapters keep logs by their names, which branches.ts says: what
 * is called `cluster` here is the name of a log to them.
 */

/** One atomic append: event `i` has the offset `entry.offset + i`. */
export interface LogEntry {
  readonly offset: Offset;
  readonly events: readonly LogEvent[];
  /** Unique to the attempt's author and append, so that a lost answer can be told from a lost race. */
  readonly writer: string;
  /** When the writer appended it, by the cluster's time (cluster-time.ts): never earlier than the entry before it. */
  readonly time: ClusterInstant;
  /** By how many whole minutes that was ahead of the writer's wall clock; absent: by none. */
  readonly aheadMinutes?: number;
  /** The proposals (proposals.ts) that are settled with this entry. The events of those with a `count` are its last ones, in this order. */
  readonly combined?: readonly Combined[];
}

/** A proposal that stands in an entry. */
export interface Combined {
  readonly id: string;
  /** How many events of another writer it is; 0: its own writer appended this entry, so nothing is left to be taken of it. */
  readonly count: number;
}

export const lastOffset = (entry: LogEntry): Offset => entry.offset + entry.events.length - 1;

export type AppendResult =
  | { readonly type: 'appended'; readonly entry: LogEntry }
  /** Another writer was first at `after + 1`, and nothing was written: read what is new. `entry` is what stands there, if that came with the refusal. */
  | { readonly type: 'conflict'; readonly entry?: LogEntry };

export interface Append {
  /** The offset of the log's last event as the writer knows it; always the end of an entry. */
  readonly after: Offset;
  /** At least one. */
  readonly events: readonly LogEvent[];
  readonly writer: string;
  readonly time: ClusterInstant;
  readonly aheadMinutes?: number;
  readonly combined?: readonly Combined[];
}

/** The state as it was right after `offset`: of which chunks it is made, in order (state/snapshot.ts says what is in them). */
export interface Snapshot {
  readonly offset: Offset;
  readonly time: ClusterInstant;
  /** Of the entry at `offset`. */
  readonly aheadMinutes?: number;
  readonly chunks: readonly Chunk[];
}

/**
 * A part of a snapshot, named by its content: what two snapshots have in common, of one cluster or of two, is kept once
 * (docs/decisions/0017-snapshots.md). It has at most `MAX_CHUNK_BYTES`.
 */
export interface Chunk {
  /** The SHA-256 of its bytes, in base64url. */
  readonly name: string;
  /** What its objects are; '' where that is not known. */
  readonly resource: GroupResource | '';
  /** `namespace/name` of the first of them. */
  readonly first: string;
  readonly size: number;
  /** Its bytes go on in the next chunk: it holds a part of one large object. */
  readonly continues?: true;
  /** How many objects begin in it; none: snapshots from before this was noted do not say. */
  readonly objects?: number;
  /** Of Events: when the oldest of them was last written, ms since the epoch. */
  readonly written?: number;
}

/** What one record of DynamoDB holds, and some room. */
export const MAX_CHUNK_BYTES = 380_000;

/** A snapshot with what is in its chunks, but for those that the reader has already. */
export interface StoredSnapshot extends Snapshot {
  readonly bytes: ReadonlyMap<string, Uint8Array>;
}

/** Where a snapshot stands, without what is in it. */
export type SnapshotHead = Pick<Snapshot, 'offset' | 'time'>;

export interface SnapshotBounds {
  readonly atMost?: Offset;
  readonly before?: number;
  /** Names of chunks that need not be read. */
  readonly known?: ReadonlySet<string>;
}

export interface Truncation {
  readonly snapshot: Offset;
  /** Whether the log may begin there for all the branches that are based on it, up to these offsets: none, unless told, may be behind the snapshot. Otherwise nothing is deleted. */
  readonly suffices?: (upTo: readonly Offset[]) => boolean;
}

export interface Truncated {
  /** Nothing is left to delete. */
  readonly done: boolean;
  /** Nothing was deleted: branches that begin behind these offsets need it. */
  readonly held?: readonly Offset[];
}

export interface EventLog {
  /** Where commits wait for another writer to take them in. None: there is one writer only. */
  readonly proposals?: Proposals;
  /**
   * Puts one entry at `after + 1`, on condition that nothing is there. When it resolves with `appended`, the entry is durable.
   * A lost answer is resolved by reading what is there: if its `writer` is ours, it succeeded.
   * Throws `EntryTooLarge` (nothing written) when the encoded entry is over the adapter's limit and has more than one event: the caller splits it.
   * Throws `LogUnwritable` when the log takes nothing now, and `LogUnavailable` when the adapter cannot tell or gives up: the caller must read before it
   * decides anything.
   */
  append(cluster: string, append: Append): Promise<AppendResult>;
  /**
   * The entries after an offset (the end of an entry), oldest first, strongly consistent: all that was acknowledged before the call is seen.
   * Throws `LogUnavailable` when the log cannot be read now, `CorruptEntry` (codec.ts) or `EntriesMissing` (entry.ts) when it is damaged.
   */
  read(cluster: string, options: { after: Offset }): AsyncIterable<LogEntry>;
  /** As `read`, but goes on as the log grows, until `signal` aborts; then the iteration ends without an error. */
  tail(cluster: string, options: { after: Offset; signal: AbortSignal }): AsyncIterable<LogEntry>;
  /** The newest entry that begins at or before an offset, strongly consistent; none: undefined. Tells a reader whether the log still is what it knows. */
  lastEntry(cluster: string, options: { atMost: Offset }): Promise<LogEntry | undefined>;
  /**
   * Saves a snapshot. Of its chunks, `bytes` has those that the cluster's newest snapshot may lack; they are written unless they are there.
   * Throws `ChunksMissing` (nothing saved) when one is neither there nor given, and removes the snapshots that are superseded (snapshots.ts).
   */
  saveSnapshot(cluster: string, snapshot: Snapshot, bytes: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /** The newest complete snapshot whose offset is at most `atMost` and whose time is at most `before`; none: undefined. */
  loadSnapshot(cluster: string, bounds?: SnapshotBounds): Promise<StoredSnapshot | undefined>;
  /** The complete snapshots that are kept, oldest first. */
  snapshots(cluster: string): Promise<readonly SnapshotHead[]>;
  /**
   * Deletes the entries up to a snapshot, and the snapshots before it: from now on the log begins there (docs/decisions/0016-retention.md). The newest entry always stays.
   * One call does a bounded piece of work, oldest entries first; it resolves to whether nothing is left to delete. The caller makes
   * sure that no writer may still append at the place of a deleted entry (replica/retention.ts).
   * Throws an Error (nothing deleted) when there is no such snapshot.
   */
  truncate(cluster: string, options: Truncation): Promise<Truncated>;
  /** Which cluster has which log. */
  readonly branches: Branches;
  /**
   * Removes a log of an ended branch (branches.ts), entries, snapshots and proposals: a bounded piece of it a call. Nothing goes while the base of a branch names it.
   * Throws an Error (nothing removed) when the log is not one of an ended branch.
   */
  remove(log: string): Promise<Removal>;
  /** What the appends of a log have come to. None: the adapter would have to read all of it to know, and who charges for it tells (DynamoDB: ConsumedWriteCapacityUnits). */
  written?(log: string): Promise<Written>;
  /** The names of the clusters that have at least one entry. */
  clusters(): Promise<string[]>;
  /** Rejects, with `LogUnwritable` where that is the reason, while an append would fail, as far as that can be told without one. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** The encoded entry does not fit (DynamoDB: 400 KB an item). */
export class EntryTooLarge extends Error {
  override readonly name = 'EntryTooLarge';
}

/** A snapshot names a chunk that is neither there nor was it given: it is to be taken again, with all of its chunks. */
export class ChunksMissing extends Error {
  override readonly name = 'ChunksMissing';
}

/** The log did not answer, or not for certain. Nothing may be concluded about the append. */
export class LogUnavailable extends Error {
  override readonly name: string = 'LogUnavailable';
}

/** The log takes nothing now: no room, no file. What was not acknowledged may still come up after a crash, as after any failure. */
export class LogUnwritable extends LogUnavailable {
  override readonly name: string = 'LogUnwritable';
}
