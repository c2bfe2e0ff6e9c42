import type { Offset } from '../log.ts';
import { keyAt, partsPartition, roomBeside, slices } from './keys.ts';
import type { Requests } from './requests.ts';

/**
 * A single event may be larger than a record (an object has up to 1.5 MB, and not all of it compresses), and cannot be split. Its bytes are put in
 * parts first; the entry's own record, which is what appends it, then says how many. Each part may be written again with the same bytes.
 */
export interface Parted {
  readonly cluster: string;
  readonly offset: Offset;
  readonly writer: string;
}

/** Returns how many parts were written. */
export async function putParts({ put }: Requests, of: Parted, bytes: Uint8Array): Promise<number> {
  const partition = partsPartition(of.cluster, of.offset, of.writer);
  let count = 0;
  for (const payload of slices(bytes, roomBeside(partition))) await put({ Item: { ...keyAt(partition, count++), payload: { B: payload } } });
  return count;
}

/** The bytes again; `undefined` when a part is missing. */
export async function readParts({ query }: Requests, of: Parted, count: number, signal?: AbortSignal): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  const all = {
    KeyConditionExpression: '#cluster = :cluster',
    ExpressionAttributeNames: { '#cluster': 'cluster' },
    ExpressionAttributeValues: { ':cluster': { S: partsPartition(of.cluster, of.offset, of.writer) } },
    ConsistentRead: true,
  };
  for await (const page of query(all, signal)) for (const item of page) parts.push(item['payload']!.B!);
  return parts.length === count ? Buffer.concat(parts) : undefined;
}

/** After a lost race: the parts belong to no entry. */
export async function deleteParts(requests: Requests, of: Parted, count: number): Promise<void> {
  const partition = partsPartition(of.cluster, of.offset, of.writer);
  for (let i = 0; i < count; i++) await requests.delete({ Key: keyAt(partition, i) });
}
