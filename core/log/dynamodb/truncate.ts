import type { RealInstant } from '../../instant.ts';
import { usesOf } from '../branches.ts';
import type { Truncated, Truncation } from '../log.ts';
import { listBranches } from './branch-records.ts';
import { headAt, intendBegin, settleBegin } from './heads.ts';
import { type Item, keyAt, numberOf } from './keys.ts';
import { discard, note, type Pending } from './pending.ts';
import type { Requests } from './requests.ts';
import { removeSuperseded } from './snapshots.ts';

/**
 * Deletes entries up to a snapshot, oldest first, so that what stays has no hole whenever it ends, and the snapshots before it. Where the log begins is noted
 * first: from then on that snapshot is kept. That it is about to begin there is noted before the branches are looked at that need what is before (branches.ts).
 */
export async function truncate(
  requests: Requests,
  cluster: string,
  { snapshot, suffices = (offsets) => offsets.every((offset) => offset >= snapshot), now }: Truncation & { now: RealInstant },
): Promise<Truncated> {
  if ((await headAt(requests, cluster, snapshot))?.state !== 'complete') throw new Error(`${cluster} has no snapshot at ${snapshot}`);
  const beginning = await intendBegin(requests, cluster, snapshot);
  if (beginning) {
    const held = usesOf(cluster, await listBranches(requests)).map(({ upTo }) => upTo);
    const isFree = suffices(held);
    await settleBegin(requests, cluster, beginning, isFree ? beginning.to : beginning.was);
    if (!isFree) return { done: true, held };
  }
  let before: Item | undefined;
  let deleted = 0;
  for await (const page of requests.query(entryRecords(cluster))) {
    for (const item of page) {
      // An entry ends where the next one begins. The newest, behind which there is none, stays.
      if (before && numberOf(item, 'offset') - 1 > snapshot) return finish();
      if (before && deleted++ === AT_ONCE) return { done: false };
      if (before) await deleteEntry(requests, cluster, before, now);
      before = item;
    }
  }
  return finish();

  async function finish(): Promise<Truncated> {
    await removeSuperseded(requests, cluster);
    return { done: true };
  }
}

/** Parts are noted before they lose the record that names them: should this process die, a sweep deletes them. */
export async function deleteEntry(requests: Requests, cluster: string, item: Item, now: RealInstant): Promise<void> {
  const offset = numberOf(item, 'offset');
  const parts: Pending | undefined = item['parts'] && { cluster, offset, writer: item['writer']!.S!, count: numberOf(item, 'parts') };
  if (parts) await note(requests, parts, now);
  await requests.delete({ Key: keyAt(cluster, offset) });
  if (parts) await discard(requests, parts);
}

/** All of a log that are there, without what is in them. */
export const entryRecords = (cluster: string) => ({
  KeyConditionExpression: '#cluster = :cluster',
  ProjectionExpression: '#cluster, #offset, #writer, #parts',
  ExpressionAttributeNames: { '#cluster': 'cluster', '#offset': 'offset', '#writer': 'writer', '#parts': 'parts' },
  ExpressionAttributeValues: { ':cluster': { S: cluster } },
  ConsistentRead: true,
  Limit: AT_ONCE + 2,
});

/** About a second of requests. */
export const AT_ONCE = 200;
