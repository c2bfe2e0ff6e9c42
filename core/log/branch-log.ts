import { type Branch, branchPoint, type Segment } from './branches.ts';
import { EntriesMissing } from './entry.ts';
import type { Offset } from './event.ts';
import { type EventLog, type LogEntry, lastOffset } from './log.ts';

/**
 * The log of one cluster, under its name: what its branch shares comes from the logs of others, cut where the fork is, and all that is written goes to its own. A
 * snapshot of a shared stretch is shared as well.
 */
export function branchLog(log: EventLog, branch: Branch): EventLog {
  const { log: own, base } = branch;
  if (base.length === 0 && own === branch.cluster) return log;
  const point = branchPoint(branch);
  const stretches: readonly Segment[] = [...base, { log: own, upTo: Number.MAX_SAFE_INTEGER }];
  const { proposals } = log;

  /** The stretches that begin at or before an offset, nearest first. */
  const stretchesUpTo = (offset: Offset): Segment[] => stretches.filter((_, i) => (stretches[i - 1]?.upTo ?? 0) <= offset).reverse();

  async function* shared(from: Offset): AsyncGenerator<LogEntry> {
    let after = from;
    for (const { log: name, upTo } of base) {
      if (upTo <= after) continue;
      for await (const entry of log.read(name, { after })) {
        if (entry.offset > upTo) break;
        const cut = cutBehind(entry, upTo);
        yield cut;
        after = lastOffset(cut);
        if (after === upTo) break;
      }
      if (after < upTo) throw new EntriesMissing(`${branch.cluster} shares the entries of ${name} up to ${upTo}, and there is none at ${after + 1}`);
    }
  }

  async function* read(after: Offset): AsyncGenerator<LogEntry> {
    yield* shared(after);
    yield* log.read(own, { after: Math.max(after, point) });
  }

  async function* tail(after: Offset, signal: AbortSignal): AsyncGenerator<LogEntry> {
    for await (const entry of shared(after)) {
      if (signal.aborted) return;
      yield entry;
    }
    yield* log.tail(own, { after: Math.max(after, point), signal });
  }

  return {
    ...log,
    append: (_, append) => log.append(own, append),
    read: (_, { after }) => read(after),
    tail: (_, { after, signal }) => tail(after, signal),
    async lastEntry(_, { atMost }) {
      for (const { log: name, upTo } of stretchesUpTo(atMost)) {
        const found = await log.lastEntry(name, { atMost: Math.min(upTo, atMost) });
        if (found) return cutBehind(found, upTo);
      }
      return undefined;
    },
    // Not the one at the fork itself: it may be in the middle of an entry, which the other log has whole.
    saveSnapshot: (_, snapshot, bytes) => log.saveSnapshot(base.find(({ upTo }) => snapshot.offset < upTo)?.log ?? own, snapshot, bytes),
    async loadSnapshot(_, { atMost = Number.MAX_SAFE_INTEGER, ...bounds } = {}) {
      for (const { log: name, upTo } of stretchesUpTo(atMost)) {
        const found = await log.loadSnapshot(name, { ...bounds, atMost: Math.min(upTo, atMost) });
        if (found) return found;
      }
      return undefined;
    },
    async snapshots() {
      const all = await Promise.all(stretches.map(async ({ log: name, upTo }) => (await log.snapshots(name)).filter(({ offset }) => offset <= upTo)));
      return all.flat().sort((a, b) => a.offset - b.offset);
    },
    async truncate(_, options) {
      // Of what is shared nothing is deleted here; but from a snapshot of its own on, a cluster needs none of it. The entry at which its own log goes on is behind that.
      if (options.snapshot <= point) return { done: true };
      const truncated = await log.truncate(own, options);
      if (truncated.done && !truncated.held && base.length > 0) await log.branches.cut(branch, { snapshot: options.snapshot });
      return truncated;
    },
    ...(proposals && {
      proposals: {
        put: (_, proposal) => proposals.put(own, proposal),
        list: () => proposals.list(own),
        delete: (_, id) => proposals.delete(own, id),
      },
    }),
  };
}

/** An entry without the events behind an offset. Which proposals it settles is of no use to whoever did not share them. */
function cutBehind(entry: LogEntry, offset: Offset): LogEntry {
  if (lastOffset(entry) <= offset) return entry;
  const { combined: _, events, ...head } = entry;
  return { ...head, events: events.slice(0, offset + 1 - entry.offset) };
}
