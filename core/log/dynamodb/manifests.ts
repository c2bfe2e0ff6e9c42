import type { Offset } from '../event.ts';
import { decodeManifest, encodeManifest, type ManifestChunk } from '../manifest.ts';
import type { Claim } from './chunks.ts';
import { type Head, headAfter } from './heads.ts';
import { keyAt, piecesPartition, roomBeside, slices } from './keys.ts';
import type { Requests } from './requests.ts';

/** A chunk as a manifest names it: with the claim by which it is held, of its own snapshot or of one before. */
export type HeldChunk = ManifestChunk & Claim;

/** The manifest of a snapshot, cut into pieces that fit into a record. */
export function piecesOf(cluster: string, id: string, chunks: readonly HeldChunk[]): Uint8Array[] {
  return [...slices(encodeManifest(chunks), roomBeside(piecesPartition(cluster, id)))];
}

/** `unanswered`: as of `put`. */
export async function putPieces(
  { put }: Requests,
  { cluster, id }: { readonly cluster: string; readonly id: string },
  pieces: readonly Uint8Array[],
  unanswered: () => void,
): Promise<void> {
  for (const [i, payload] of pieces.entries()) await put({ Item: { ...keyAt(piecesPartition(cluster, id), i), payload: { B: payload } } }, unanswered);
}

export async function deletePieces(requests: Requests, cluster: string, { id, pieces }: Head): Promise<void> {
  for (let i = 0; i < pieces; i++) await requests.delete({ Key: keyAt(piecesPartition(cluster, id), i) });
}

/** Undefined when a piece is missing. */
export async function readManifest(
  { query }: Requests,
  cluster: string,
  head: Head,
  { consistent = true }: { consistent?: boolean } = {},
): Promise<readonly HeldChunk[] | undefined> {
  const pieces: Uint8Array[] = [];
  const pages = query({
    KeyConditionExpression: '#cluster = :cluster',
    ExpressionAttributeNames: { '#cluster': 'cluster' },
    ExpressionAttributeValues: { ':cluster': { S: piecesPartition(cluster, head.id) } },
    ConsistentRead: consistent,
  });
  for await (const page of pages) for (const item of page) pieces.push(item['payload']!.B!);
  return pieces.length === head.pieces ? (decodeManifest(Buffer.concat(pieces)) as HeldChunk[]) : undefined;
}

/**
 * The manifests of a cluster's snapshots that are there or are being saved, not of those that are being removed. They are read in the order of their offsets, one
 * after the other, as a snapshot rests on one of a lower offset: a reader that misses that one, as it was just removed, finds the other.
 */
export async function* manifestsOf(requests: Requests, cluster: string): AsyncGenerator<readonly HeldChunk[]> {
  let after: Offset = 0;
  for (let head = await headAfter(requests, cluster, after); head; head = await headAfter(requests, cluster, after)) {
    after = head.offset;
    const manifest = head.state === 'saving' || head.state === 'complete' ? await readManifest(requests, cluster, head) : undefined;
    if (manifest) yield manifest;
  }
}
