import { branchPoint, isBegunLog, usesOf } from '../branches.ts';
import { decodeContent, decodeEntry, encodeContent, encodeEntry } from '../codec.ts';
import { EntriesMissing, entryOf } from '../entry.ts';
import type { Offset } from '../event.ts';
import {
  type Append,
  type AppendResult,
  ChunksMissing,
  EntryTooLarge,
  type EventLog,
  type LogEntry,
  LogUnavailable,
  lastOffset,
  type Snapshot,
} from '../log.ts';
import { type ListedProposal, MAX_PROPOSAL_BYTES } from '../proposals.ts';
import { superseded } from '../snapshots.ts';
import { Tails } from '../tails.ts';
import { ITEM_BYTES, NOTHING_WRITTEN, writeUnits } from '../written.ts';
import { memoryBranches } from './branches.ts';

interface Stored {
  readonly offset: Offset;
  readonly last: Offset;
  readonly writer: string;
  readonly bytes: Uint8Array;
}

/**
 * A log in this process's memory, for tests, simulation and `--memory`. Entries are kept encoded, so that nothing of one reader is shared
 * with another by accident. `maxEntryBytes` gives it the limit that DynamoDB has on an entry of several events; none by default.
 */
export function memoryLog({ maxEntryBytes = Number.POSITIVE_INFINITY }: { maxEntryBytes?: number } = {}): EventLog {
  const entries = new Map<string, Stored[]>();
  const snapshots = new Map<string, readonly Snapshot[]>();
  /** Of all clusters, by name. */
  const chunks = new Map<string, Uint8Array>();
  /** The snapshot at which a truncated log begins. */
  const begins = new Map<string, Offset>();
  const proposals = new Map<string, Map<string, ListedProposal>>();
  const tails = new Tails();
  const branches = memoryBranches({
    names: () => entries.keys(),
    has: (log) => entries.has(log),
    lastEntry,
    beginOf: (log) => begins.get(log) ?? 0,
    beginAt: (log, snapshot) => void begins.set(log, Math.max(snapshot, begins.get(log) ?? 0)),
  });
  let closed = false;

  function open(): void {
    if (closed) throw new LogUnavailable('the log is closed');
  }

  async function append(cluster: string, request: Append): Promise<AppendResult> {
    open();
    const entry = entryOf(request);
    const stored = entries.get(cluster) ?? [];
    const end = stored.at(-1)?.last ?? beginningOf(cluster);
    if (request.after > end) throw new Error(`Nothing can be appended after ${request.after}: the log of ${cluster} ends at ${end}`);
    if (request.after < end) {
      const there = stored[indexAfter(stored, request.after)];
      if (there?.offset !== entry.offset) return { type: 'conflict' };
      return { type: there.writer === entry.writer ? 'appended' : 'conflict', entry: decodeEntry(there.bytes) };
    }
    const bytes = encodeEntry(entry);
    if (bytes.length > maxEntryBytes && entry.events.length > 1)
      throw new EntryTooLarge(`${entry.events.length} events take ${bytes.length} bytes; an entry may have ${maxEntryBytes}`);
    stored.push({ offset: entry.offset, last: lastOffset(entry), writer: entry.writer, bytes });
    entries.set(cluster, stored);
    tails.push(cluster, entry);
    return { type: 'appended', entry };
  }

  /** The end of a log without entries. */
  function beginningOf(log: string): Offset {
    if (!isBegunLog(log)) return 0;
    const branch = branches.withLog(log);
    if (!branch) throw new LogUnavailable(`the log ${log} was removed`);
    return branchPoint(branch);
  }

  async function* read(cluster: string, { after }: { after: Offset }): AsyncGenerator<LogEntry> {
    open();
    const stored = entries.get(cluster) ?? [];
    const first = indexAfter(stored, after);
    if (first < stored.length && stored[first]!.offset !== after + 1) throw new EntriesMissing(`${cluster} has later entries, but none at ${after + 1}`);
    for (let i = first; i < stored.length; i++) yield decodeEntry(stored[i]!.bytes);
  }

  async function lastEntry(cluster: string, { atMost }: { atMost: Offset }): Promise<LogEntry | undefined> {
    open();
    const stored = entries.get(cluster) ?? [];
    const found = stored[indexAfter(stored, atMost) - 1];
    return found && decodeEntry(found.bytes);
  }

  function keep(cluster: string, kept: readonly Snapshot[]): void {
    const drop = new Set(
      superseded(
        kept.map(({ offset }) => offset),
        { begin: begins.get(cluster) ?? 0 },
      ),
    );
    snapshots.set(
      cluster,
      kept.filter(({ offset }) => !drop.has(offset)),
    );
    if (drop.size > 0) dropChunks();
  }

  function dropChunks(): void {
    const named = new Set([...snapshots.values()].flatMap((those) => those.flatMap((snapshot) => snapshot.chunks.map(({ name }) => name))));
    for (const name of chunks.keys()) if (!named.has(name)) chunks.delete(name);
  }

  return {
    append,
    read,
    proposals: {
      async put(cluster, { id, after, ...content }) {
        open();
        const bytes = encodeContent(content);
        if (bytes.length > MAX_PROPOSAL_BYTES) return false;
        const there = proposals.get(cluster) ?? new Map<string, ListedProposal>();
        proposals.set(cluster, there.set(id, { id, after, content: () => decodeContent(bytes) }));
        return true;
      },
      async list(cluster) {
        open();
        return [...(proposals.get(cluster)?.values() ?? [])];
      },
      async delete(cluster, id) {
        open();
        proposals.get(cluster)?.delete(id);
      },
    },
    tail: (cluster, { after, signal }) => tails.follow(cluster, after, signal, (from) => read(cluster, { after: from })),
    async written(log) {
      open();
      return (entries.get(log) ?? []).reduce((sum, { bytes, writer }) => {
        const size = bytes.length + writer.length + log.length + ITEM_BYTES;
        return { entries: sum.entries + 1, bytes: sum.bytes + bytes.length, units: sum.units + writeUnits(size) };
      }, NOTHING_WRITTEN);
    },
    lastEntry,
    async saveSnapshot(cluster, snapshot, bytes) {
      open();
      const missing = snapshot.chunks.find(({ name }) => !chunks.has(name) && !bytes.has(name));
      if (missing) throw new ChunksMissing(`the chunk ${missing.name} is not there`);
      for (const { name } of snapshot.chunks) if (!chunks.has(name)) chunks.set(name, bytes.get(name)!.slice());
      const others = (snapshots.get(cluster) ?? []).filter(({ offset }) => offset !== snapshot.offset);
      keep(
        cluster,
        [...others, snapshot].sort((a, b) => a.offset - b.offset),
      );
    },
    async loadSnapshot(cluster, { atMost = Number.POSITIVE_INFINITY, before = Number.POSITIVE_INFINITY, known } = {}) {
      open();
      const found = snapshots.get(cluster)?.findLast(({ offset, time }) => offset <= atMost && time <= before);
      if (!found) return undefined;
      const wanted = found.chunks.filter(({ name }) => !known?.has(name));
      return { ...found, bytes: new Map(wanted.map(({ name }) => [name, chunks.get(name)!.slice()])) };
    },
    async truncate(cluster, { snapshot, suffices = (offsets) => offsets.every((offset) => offset >= snapshot) }) {
      open();
      if (!snapshots.get(cluster)?.some(({ offset }) => offset === snapshot)) throw new Error(`${cluster} has no snapshot at ${snapshot}`);
      const held = usesOf(cluster, await branches.list()).map(({ upTo }) => upTo);
      if (!suffices(held)) return { done: true, held };
      begins.set(cluster, Math.max(snapshot, begins.get(cluster) ?? 0));
      keep(cluster, snapshots.get(cluster)!);
      const stored = entries.get(cluster) ?? [];
      entries.set(
        cluster,
        stored.filter(({ last }, i) => last > snapshot || i === stored.length - 1),
      );
      return { done: true };
    },
    async snapshots(cluster) {
      open();
      return (snapshots.get(cluster) ?? []).map(({ offset, time }) => ({ offset, time }));
    },
    branches,
    async remove(log) {
      open();
      if (!branches.isEnded(log)) throw new Error(`${log} is no log of a cluster that has ended`);
      const heldBy = usesOf(log, await branches.list()).map(({ cluster }) => cluster);
      if (heldBy.length > 0) return { done: true, heldBy };
      for (const kept of [entries, begins, proposals]) kept.delete(log);
      snapshots.delete(log);
      dropChunks();
      branches.removed(log);
      return { done: true };
    },
    async clusters() {
      open();
      const all = await branches.list();
      return all
        .filter(({ log, base }) => base.length > 0 || entries.has(log))
        .map(({ cluster }) => cluster)
        .sort();
    },
    check: async () => open(),
    async close() {
      closed = true;
      tails.close();
    },
  };
}

/** The index of the first entry that begins after `after`. */
function indexAfter(stored: readonly Stored[], after: Offset): number {
  let low = 0;
  let high = stored.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (stored[middle]!.offset <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
