import { decodeEntry, encodeEntry } from '../codec.ts';
import { entryOf } from '../entry.ts';
import { type Append, type AppendResult, EntryTooLarge, type EventLog, type LogEntry, LogUnavailable, lastOffset, type Offset, type Snapshot } from '../log.ts';
import { superseded } from '../snapshots.ts';
import { Tails } from '../tails.ts';

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
  const snapshots = new Map<string, Snapshot[]>();
  const tails = new Tails();
  let closed = false;

  function open(): void {
    if (closed) throw new LogUnavailable('the log is closed');
  }

  async function append(cluster: string, request: Append): Promise<AppendResult> {
    open();
    const entry = entryOf(request);
    const stored = entries.get(cluster) ?? [];
    const end = stored.at(-1)?.last ?? 0;
    if (request.after > end) throw new Error(`Nothing can be appended after ${request.after}: the log of ${cluster} ends at ${end}`);
    if (request.after < end) {
      const there = stored[indexAfter(stored, request.after)];
      return there?.offset === entry.offset && there.writer === entry.writer ? { type: 'appended', entry: decodeEntry(there.bytes) } : { type: 'conflict' };
    }
    const bytes = encodeEntry(entry);
    if (bytes.length > maxEntryBytes && entry.events.length > 1)
      throw new EntryTooLarge(`${entry.events.length} events take ${bytes.length} bytes; an entry may have ${maxEntryBytes}`);
    stored.push({ offset: entry.offset, last: lastOffset(entry), writer: entry.writer, bytes });
    entries.set(cluster, stored);
    tails.push(cluster, entry);
    return { type: 'appended', entry };
  }

  async function* read(cluster: string, { after }: { after: Offset }): AsyncGenerator<LogEntry> {
    open();
    const stored = entries.get(cluster) ?? [];
    for (let i = indexAfter(stored, after); i < stored.length; i++) yield decodeEntry(stored[i]!.bytes);
  }

  return {
    append,
    read,
    tail: (cluster, { after, signal }) => tails.follow(cluster, after, signal, (from) => read(cluster, { after: from })),
    async lastEntry(cluster, { atMost }) {
      open();
      const stored = entries.get(cluster) ?? [];
      const found = stored[indexAfter(stored, atMost) - 1];
      return found && decodeEntry(found.bytes);
    },
    async saveSnapshot(cluster, { chunks, ...head }) {
      open();
      const others = (snapshots.get(cluster) ?? []).filter((other) => other.offset !== head.offset);
      const all = [...others, { ...head, chunks: chunks.map((chunk) => chunk.slice()) }].sort((a, b) => a.offset - b.offset);
      const drop = new Set(superseded(all.map((snapshot) => snapshot.offset)));
      snapshots.set(
        cluster,
        all.filter((snapshot) => !drop.has(snapshot.offset)),
      );
    },
    async loadSnapshot(cluster, { atMost = Number.POSITIVE_INFINITY, before = Number.POSITIVE_INFINITY } = {}) {
      open();
      const found = snapshots.get(cluster)?.findLast((snapshot) => snapshot.offset <= atMost && snapshot.time <= before);
      return found && { ...found, chunks: found.chunks.map((chunk) => chunk.slice()) };
    },
    async snapshots(cluster) {
      open();
      return (snapshots.get(cluster) ?? []).map(({ offset, time }) => ({ offset, time }));
    },
    async clusters() {
      open();
      return [...entries.keys()].sort();
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
