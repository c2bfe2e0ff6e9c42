import { type Branch, branchPoint, usesOf } from './branches.ts';
import type { Offset } from './event.ts';
import type { EventLog } from './log.ts';

/** What is left of the logs of clusters that have ended. */
export interface Leftovers {
  /** There is more to remove at once. */
  readonly more: boolean;
  /** In how many ms more can be removed, if nothing else happens before; undefined: nothing by itself. */
  readonly nextMs: number | undefined;
}

/**
 * Removes a bounded piece of the logs of clusters that have ended. Of those that are kept for forks, a fork that has a snapshot of its own lets go: its history then begins with
 * that (branches.ts).
 */
export async function removeEnded(log: EventLog): Promise<Leftovers> {
  let more = false;
  let nextMs: number | undefined;
  for (const name of await log.branches.ended()) {
    const { done, heldBy = [], leftMs } = await log.remove(name);
    if (heldBy.length > 0) more = (await letGo(log, name)) || more;
    else if (!done) more = true;
    if (leftMs !== undefined) nextMs = Math.min(leftMs, nextMs ?? leftMs);
  }
  return { more, nextMs };
}

/** Returns whether no fork needs an ended log any more. */
async function letGo(log: EventLog, ended: string): Promise<boolean> {
  const forks = (await log.branches.list()).filter((branch) => usesOf(ended, [branch]).length > 0);
  let needed = false;
  for (const fork of forks) {
    const snapshot = await ownBeginning(log, fork);
    if (snapshot === undefined) needed = true;
    else await log.branches.cut(fork, { snapshot });
  }
  return !needed;
}

/** The snapshot with which a fork can do without what it shares: one of its own, which can be read, behind an entry that tells its log from another one. */
async function ownBeginning(log: EventLog, fork: Branch): Promise<Offset | undefined> {
  const snapshot = await log.loadSnapshot(fork.log);
  if (!snapshot || snapshot.offset <= branchPoint(fork)) return undefined;
  return (await log.lastEntry(fork.log, { atMost: Number.MAX_SAFE_INTEGER })) && snapshot.offset;
}
