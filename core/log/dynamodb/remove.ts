import type { RealInstant } from '../../instant.ts';
import type { Removal } from '../branches.ts';
import { LogUnavailable } from '../log.ts';
import { atWorkForMs } from './at-work.ts';
import { endedLog, forgetEnded, release } from './ended.ts';
import { deleteFailures } from './failures.ts';
import { deleteBegin, type Head, headsOf } from './heads.ts';
import { settleLate } from './late.ts';
import { discardAll } from './pending.ts';
import { deleteProposals } from './proposals.ts';
import type { Requests } from './requests.ts';
import { removeSnapshot } from './snapshots.ts';
import { AT_ONCE, deleteEntry, entryRecords } from './truncate.ts';

interface RemoveOptions {
  readonly now: RealInstant;
  /** In how many ms no writer may be left that could append at the place of a deleted entry. */
  readonly settlesInMs: number;
}

/**
 * Removes some of an ended log: entries, oldest first, snapshots, proposals, and what dead writers left. Not before all writers have heard of the end: one that knows only of an entry
 * before it would find the place behind that one free. Its note stays for as long as a process may still be at work on a snapshot,
 * or on what it notes of a worker.
 */
export async function remove(requests: Requests, log: string, { now, settlesInMs }: RemoveOptions): Promise<Removal> {
  const ended = await endedLog(requests, log);
  if (!ended) throw new Error(`${log} is no log of a cluster that has ended`);
  if (settlesInMs > 0) return { done: true, leftMs: settlesInMs };
  if (ended.state !== 'removing') {
    const heldBy = (await release(requests, [log])).get(log);
    if (!heldBy) throw new LogUnavailable(`whether the log ${log} is removed was just decided by another process`);
    if (heldBy.length > 0) return { done: true, heldBy };
  }
  let deleted = 0;
  for await (const page of requests.query(entryRecords(log))) {
    for (const item of page) {
      if (deleted++ === AT_ONCE) return { done: false };
      await deleteEntry(requests, log, item, now);
    }
  }
  const heads = await headsOf(requests, log);
  const isAtWork = ({ state, begun }: Head) => state === 'saving' && atWorkForMs(begun, now) > 0;
  const over = heads.filter((head) => !isAtWork(head));
  if (over[0]) await removeSnapshot(requests, log, over[0]);
  if (over.length > 1) return { done: false };
  await deleteProposals(requests, log);
  const late = await settleLate(requests, log, now);
  const leftMs = Math.max(atWorkForMs(ended.since, now), ...heads.filter(isAtWork).map(({ begun }) => atWorkForMs(begun, now)), ...late);
  if (leftMs > 0) return { done: true, leftMs };
  await discardAll(requests, log);
  await deleteFailures(requests, log);
  await deleteBegin(requests, log);
  await forgetEnded(requests, log);
  return { done: true };
}
