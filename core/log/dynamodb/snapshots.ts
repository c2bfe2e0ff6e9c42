import type { Env } from '../../env.ts';
import { type ClusterInstant, clusterInstant } from '../../instant.ts';
import type { Offset, Snapshot, SnapshotHead } from '../log.ts';
import { superseded } from '../snapshots.ts';
import { type Item, keyAt, numberOf, piecesPartition, roomBeside, slices, snapshotsPartition } from './keys.ts';
import { discard, forget, note, type Pending } from './pending.ts';
import { isConditionFailed, type Requests } from './requests.ts';

/** A snapshot's own record. It is written last, so a snapshot is either whole or not there. */
interface Head {
  readonly offset: Offset;
  readonly time: ClusterInstant;
  readonly aheadMinutes?: number;
  readonly chunks: number;
  /** Its chunks, cut to the size of a record, are in a partition of this id. */
  readonly id: string;
  readonly pieces: number;
}

export async function saveSnapshot(
  requests: Requests,
  env: Pick<Env, 'clock' | 'ids'>,
  cluster: string,
  { offset, time, aheadMinutes = 0, chunks }: Snapshot,
): Promise<void> {
  const id = env.ids.uid();
  const partition = piecesPartition(cluster, id);
  const pieces = chunks.flatMap((bytes, chunk) => [...slices(bytes, roomBeside(partition))].map((payload) => ({ chunk, payload })));
  const saved = piecesOf(cluster, { offset, id, pieces: pieces.length });
  await note(requests, saved, env.clock.now());
  // One after the other: together they would be throttled, as a partition takes 1,000 units a second and a full piece is 400.
  for (const [i, { chunk, payload }] of pieces.entries()) {
    await requests.put({ Item: { ...keyAt(partition, i), chunk: { N: String(chunk) }, payload: { B: payload } } });
  }
  const replaced = await headAt(requests, cluster, offset);
  if (replaced) await note(requests, piecesOf(cluster, replaced), env.clock.now());
  const put = await putHead(requests, cluster, { offset, time, aheadMinutes, chunks: chunks.length, id, pieces: pieces.length }, replaced);
  // Where another process was faster there is a snapshot of this offset, and this one is not needed.
  if (!put) return discard(requests, saved);
  await forget(requests, saved);
  if (replaced) await discard(requests, piecesOf(cluster, replaced));
  await deleteSuperseded(requests, cluster);
}

/** Puts a head in the place of another one, or of none. Returns whether it is there now: not when a third one is. */
async function putHead(requests: Requests, cluster: string, head: Head, replaced: Head | undefined): Promise<boolean> {
  try {
    await requests.put({
      Item: {
        ...keyAt(snapshotsPartition(cluster), head.offset),
        time: { N: String(head.time) },
        ...(head.aheadMinutes && { ahead: { N: String(head.aheadMinutes) } }),
        chunks: { N: String(head.chunks) },
        pieces: { N: String(head.pieces) },
        id: { S: head.id },
      },
      ConditionExpression: 'attribute_not_exists(#cluster) OR #id = :id',
      ExpressionAttributeNames: { '#cluster': 'cluster', '#id': 'id' },
      ExpressionAttributeValues: { ':id': { S: (replaced ?? head).id } },
    });
    return true;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    // An earlier attempt may have been done and its answer lost.
    return (await headAt(requests, cluster, head.offset))?.id === head.id;
  }
}

async function headAt(requests: Requests, cluster: string, offset: Offset): Promise<Head | undefined> {
  const { Item: item } = await requests.get({ Key: keyAt(snapshotsPartition(cluster), offset), ConsistentRead: true });
  return item && headOf(item);
}

async function deleteSuperseded(requests: Requests, cluster: string): Promise<void> {
  const heads = await headsOf(requests, cluster);
  const drop = new Set(superseded(heads.map((head) => head.offset)));
  for (const head of heads) {
    if (!drop.has(head.offset)) continue;
    // The head last: whoever stops in between leaves it for the next one to find.
    await discard(requests, piecesOf(cluster, head));
    await requests.delete({ Key: keyAt(snapshotsPartition(cluster), head.offset) });
  }
}

const piecesOf = (cluster: string, { offset, id, pieces }: Pick<Head, 'offset' | 'id' | 'pieces'>): Pending => ({
  kind: 'pieces',
  cluster,
  offset,
  name: id,
  count: pieces,
});

export async function loadSnapshot(
  requests: Requests,
  cluster: string,
  { atMost, before }: { atMost?: Offset; before?: number },
): Promise<Snapshot | undefined> {
  for (const head of await headsOf(requests, cluster, atMost)) {
    if (before !== undefined && head.time > before) continue;
    // Pieces never change, so the cheap read will do when it finds them all. None does when the snapshot is just being deleted: take the next.
    const chunks = (await chunksOf(requests, cluster, head, false)) ?? (await chunksOf(requests, cluster, head, true));
    if (chunks) return { offset: head.offset, time: head.time, ...(head.aheadMinutes && { aheadMinutes: head.aheadMinutes }), chunks };
  }
  return undefined;
}

export async function snapshotHeads(requests: Requests, cluster: string): Promise<SnapshotHead[]> {
  const heads = await headsOf(requests, cluster);
  return heads.reverse().map(({ offset, time }) => ({ offset, time }));
}

/** The heads of a cluster's snapshots, newest first. */
async function headsOf({ query }: Requests, cluster: string, atMost: Offset = Number.MAX_SAFE_INTEGER): Promise<Head[]> {
  const heads: Head[] = [];
  const pages = query({
    KeyConditionExpression: '#cluster = :cluster AND #offset <= :atMost',
    ExpressionAttributeNames: { '#cluster': 'cluster', '#offset': 'offset' },
    ExpressionAttributeValues: { ':cluster': { S: snapshotsPartition(cluster) }, ':atMost': { N: String(atMost) } },
    ScanIndexForward: false,
    ConsistentRead: true,
  });
  for await (const page of pages) heads.push(...page.map(headOf));
  return heads;
}

const headOf = (item: Item): Head => ({
  offset: numberOf(item, 'offset'),
  time: clusterInstant(numberOf(item, 'time')),
  ...(item['ahead'] && { aheadMinutes: numberOf(item, 'ahead') }),
  chunks: numberOf(item, 'chunks'),
  pieces: numberOf(item, 'pieces'),
  id: item['id']!.S!,
});

/** The chunks of a snapshot; `undefined` when a piece is missing. */
async function chunksOf({ query }: Requests, cluster: string, head: Head, ConsistentRead: boolean): Promise<Uint8Array[] | undefined> {
  const chunks = Array.from({ length: head.chunks }, (): Uint8Array[] => []);
  let found = 0;
  const pieces = query({
    KeyConditionExpression: '#cluster = :cluster',
    ExpressionAttributeNames: { '#cluster': 'cluster' },
    ExpressionAttributeValues: { ':cluster': { S: piecesPartition(cluster, head.id) } },
    ConsistentRead,
  });
  for await (const page of pieces) {
    for (const item of page) chunks[numberOf(item, 'chunk')]!.push(item['payload']!.B!);
    found += page.length;
  }
  return found === head.pieces ? chunks.map((parts) => (parts.length === 1 ? parts[0]! : Buffer.concat(parts))) : undefined;
}
