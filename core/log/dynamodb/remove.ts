import { between, type RealInstant } from '../../instant.ts';
import type { Removal } from '../branches.ts';
import { condemn, endedLog, forgetEnded } from './ended.ts';
import { deleteBegin, headsOf } from './heads.ts';
import type { Item } from './keys.ts';
import { discardAll } from './pending.ts';
import { deleteProposals } from './proposals.ts';
import type { Requests } from './requests.ts';
import { removeSnapshot } from './snapshots.ts';
import { AT_ONCE, deleteEntry, oldestEntries } from './truncate.ts';

/**
 * Removes some of an ended log: entries, oldest first, snapshots, proposals, and what dead writers left. The newest entry, with which the cluster ended, stays for as long as a
 * writer may live that knows only of the one before: it would append at that place.
 */
export async function remove(requests: Requests, log: string, { now, keepMs }: { now: RealInstant; keepMs: number }): Promise<Removal> {
  const ended = await endedLog(requests, log);
  if (!ended) throw new Error(`${log} is no log of a cluster that has ended`);
  if (ended.state !== 'removing') {
    const heldBy = await condemn(requests, ended, requests.token());
    if (heldBy.length > 0) return { done: true, heldBy };
  }
  let last: Item | undefined;
  let deleted = 0;
  for await (const page of requests.query(oldestEntries(log))) {
    for (const item of page) {
      if (last && deleted++ === AT_ONCE) return { done: false };
      if (last) await deleteEntry(requests, log, last, now);
      last = item;
    }
  }
  const heads = await headsOf(requests, log);
  for (const head of heads.slice(0, 1)) await removeSnapshot(requests, log, head);
  if (heads.length > 1) return { done: false };
  await deleteProposals(requests, log);
  const leftMs = keepMs - between(ended.since, now);
  if (leftMs > 0) return { done: true, leftMs };
  if (last) await deleteEntry(requests, log, last, now);
  await discardAll(requests, log);
  await deleteBegin(requests, log);
  await forgetEnded(requests, log);
  return { done: true };
}
