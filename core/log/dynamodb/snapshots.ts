import type { Env } from '../../env.ts';
import type { Offset, Snapshot } from '../log.ts';
import { superseded } from '../snapshots.ts';
import { type Item, keyAt, numberOf, piecesPartition, roomBeside, slices, snapshotsPartition } from './keys.ts';
import type { Requests } from './requests.ts';

/** A snapshot's own record. It is written last, so a snapshot is either whole or not there. */
interface Head {
  readonly offset: Offset;
  readonly time: number;
  readonly chunks: number;
  /** Its chunks, cut to the size of a record, are in a partition of this id. */
  readonly id: string;
  readonly pieces: number;
}

export async function saveSnapshot(requests: Requests, env: Pick<Env, 'ids'>, cluster: string, { offset, time, chunks }: Snapshot): Promise<void> {
  const id = env.ids.uid();
  const partition = piecesPartition(cluster, id);
  let pieces = 0;
  // One after the other: together they would be throttled, as a partition takes 1,000 units a second and a full piece is 400.
  for (const [chunk, bytes] of chunks.entries()) {
    for (const payload of slices(bytes, roomBeside(partition))) {
      await requests.put({ Item: { ...keyAt(partition, pieces++), chunk: { N: String(chunk) }, payload: { B: payload } } });
    }
  }
  const { Attributes: replaced } = await requests.put({
    Item: {
      ...keyAt(snapshotsPartition(cluster), offset),
      time: { N: String(time) },
      chunks: { N: String(chunks.length) },
      pieces: { N: String(pieces) },
      id: { S: id },
    },
    ReturnValues: 'ALL_OLD',
  });
  // A retried put may report our own head as the one it replaced.
  if (replaced && headOf(replaced).id !== id) await deletePieces(requests, cluster, headOf(replaced));
  const heads = await headsOf(requests, cluster);
  const drop = new Set(superseded(heads.map((head) => head.offset)));
  for (const head of heads) {
    if (!drop.has(head.offset)) continue;
    // The head last: whoever stops in between leaves it for the next one to find.
    await deletePieces(requests, cluster, head);
    await requests.delete({ Key: keyAt(snapshotsPartition(cluster), head.offset) });
  }
}

export async function loadSnapshot(
  requests: Requests,
  cluster: string,
  { atMost, before }: { atMost?: Offset; before?: number },
): Promise<Snapshot | undefined> {
  for (const head of await headsOf(requests, cluster, atMost)) {
    if (before !== undefined && head.time > before) continue;
    // Pieces never change, so the cheap read will do when it finds them all. None does when the snapshot is just being deleted: take the next.
    const chunks = (await chunksOf(requests, cluster, head, false)) ?? (await chunksOf(requests, cluster, head, true));
    if (chunks) return { offset: head.offset, time: head.time, chunks };
  }
  return undefined;
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
  time: numberOf(item, 'time'),
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

async function deletePieces(requests: Requests, cluster: string, { id, pieces }: Head): Promise<void> {
  for (let i = 0; i < pieces; i++) await requests.delete({ Key: keyAt(piecesPartition(cluster, id), i) });
}
