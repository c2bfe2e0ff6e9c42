import { epochMs, type RealInstant, realInstant } from '../../instant.ts';
import { atWorkForMs } from './at-work.ts';
import { releaseChunk } from './chunks.ts';
import { headsOf } from './heads.ts';
import { type Item, keyAt, latePartition, numberOf, numberOfName, piecesPartition } from './keys.ts';
import { manifestsOf } from './manifests.ts';
import type { Requests } from './requests.ts';

/**
 * What the table may still be about to do for the writer of a snapshot: a request that was given up, or whose sender died, is done all the same, perhaps after the snapshot was removed. Then it brings
 * back a claim, a chunk or a piece that nothing names. So it is noted, and removed once more when no such request can be left (docs/decisions/0017-snapshots.md).
 */
export interface Late {
  /** The id of the snapshot. */
  readonly id: string;
  /** How many pieces its manifest has. */
  readonly pieces: number;
  /** The names of the chunks that it may bring. */
  readonly chunks: readonly string[];
  /** When its writer began. */
  readonly begun: RealInstant;
}

/** To be done before the snapshot can be read, or removed. May be done again. */
export async function noteLate({ put }: Requests, cluster: string, { id, pieces, chunks, begun }: Late): Promise<void> {
  await put({
    Item: {
      ...keyAt(latePartition(cluster), numberOfName(id)),
      id: { S: id },
      pieces: { N: String(pieces) },
      time: { N: String(epochMs(begun)) },
      // Of a table no set may be empty.
      chunks: { L: chunks.map((name) => ({ S: name })) },
    },
  });
}

/**
 * Removes what came late of snapshots that are not there any more. Resolves to for how much longer requests for the others may be left, in ms. That nothing is removed which a snapshot rests on depends on no clock (see snapshots.ts).
 */
export async function settleLate(requests: Requests, cluster: string, now: RealInstant): Promise<number[]> {
  const waiting: number[] = [];
  const notes = requests.query({
    KeyConditionExpression: '#cluster = :cluster',
    ExpressionAttributeNames: { '#cluster': 'cluster' },
    ExpressionAttributeValues: { ':cluster': { S: latePartition(cluster) } },
    ConsistentRead: true,
  });
  for await (const page of notes) {
    for (const late of page.map(lateIn)) {
      const leftMs = atWorkForMs(late.begun, now);
      if (leftMs > 0) waiting.push(leftMs);
      else await settle(requests, cluster, late);
    }
  }
  return waiting;
}

async function settle(requests: Requests, cluster: string, { id, pieces, chunks }: Late): Promise<void> {
  const head = (await headsOf(requests, cluster)).find((head) => head.id === id);
  // It is being saved or removed, by a process that sees to what it has put.
  if (head && head.state !== 'complete') return;
  // Whoever removes one that is there removes all that came late, too.
  if (!head) {
    const free = new Set(chunks);
    for await (const held of manifestsOf(requests, cluster)) for (const { name, claim } of held) if (claim === id) free.delete(name);
    for (const name of free) await releaseChunk(requests, { name, claim: id });
    for (let i = 0; i < pieces; i++) await requests.delete({ Key: keyAt(piecesPartition(cluster, id), i) });
  }
  await requests.delete({ Key: keyAt(latePartition(cluster), numberOfName(id)) });
}

const lateIn = (item: Item): Late => ({
  id: item['id']!.S!,
  pieces: numberOf(item, 'pieces'),
  chunks: item['chunks']!.L!.map(({ S }) => S!),
  begun: realInstant(numberOf(item, 'time')),
});
