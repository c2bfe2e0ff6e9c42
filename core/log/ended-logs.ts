import { type Branch, branchPoint } from './branches.ts';
import type { Offset } from './event.ts';
import type { EventLog } from './log.ts';
import { isReset } from './reset-entry.ts';

/** A log of which something is left that may go in so many ms, if nothing else happens before. */
export interface Leftover {
  readonly log: string;
  readonly inMs: number;
}

/**
 * Removes a bounded piece of each of some logs of clusters that have ended, and looks at all branches once for that. Resolves to what is left, but for what forks hold: the end of one of
 * those brings that. Of the last that hold a log, those that have a snapshot of their own let go: their history then begins with that (branches.ts).
 */
export async function removeEnded(log: EventLog, logs: readonly string[], problem: (message: string, error: unknown) => void): Promise<Leftover[]> {
  const holders = await log.branches.release(logs);
  const left = await Promise.all(
    logs.map(async (name): Promise<Leftover[]> => {
      try {
        const held = holders.get(name);
        if (held && held.length > 0) return (await letGo(log, held)) ? [{ log: name, inMs: 0 }] : [];
        const { done, heldBy = [], leftMs } = await log.remove(name);
        return (done || heldBy.length > 0) && leftMs === undefined ? [] : [{ log: name, inMs: leftMs ?? 0 }];
      } catch (error) {
        // Another process was faster.
        if (!(await log.branches.ended().catch(() => [name])).includes(name)) return [];
        problem(`what is left of the log ${name} was not removed`, error);
        return [{ log: name, inMs: RETRY_MS }];
      }
    }),
  );
  return left.flat();
}

/** Returns whether no cluster of these needs anything but its own log any more. That is asked of few: it takes a look at each. */
async function letGo(log: EventLog, clusters: readonly string[]): Promise<boolean> {
  if (clusters.length > FEW) return false;
  const cut = await Promise.all(
    clusters.map(async (cluster) => {
      const fork = await log.branches.get(cluster);
      if (!fork || fork.base.length === 0) return true;
      const snapshot = await ownBeginning(log, fork);
      if (snapshot === undefined) return false;
      await log.branches.cut(fork, { snapshot });
      return (await log.branches.get(cluster))?.base.length === 0;
    }),
  );
  return cut.every((isCut) => isCut);
}

/** The snapshot with which a fork can do without what it shares: one of its own, which can be read, behind an entry that tells its log from another one, and behind its resets, which may go back to what it shares. */
async function ownBeginning(log: EventLog, fork: Branch): Promise<Offset | undefined> {
  const snapshot = await log.loadSnapshot(fork.log);
  if (!snapshot || snapshot.offset <= branchPoint(fork)) return undefined;
  if (!(await log.lastEntry(fork.log, { atMost: Number.MAX_SAFE_INTEGER }))) return undefined;
  for await (const { events } of log.read(fork.log, { after: snapshot.offset })) if (events.some(isReset)) return undefined;
  return snapshot.offset;
}

const FEW = 16;
const RETRY_MS = 60_000;
