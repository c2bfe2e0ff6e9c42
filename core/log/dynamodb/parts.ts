import type { RealInstant } from '../../instant.ts';
import type { Offset } from '../event.ts';
import { keyAt, partsPartition, roomBeside, slices } from './keys.ts';
import { note, type Pending } from './pending.ts';
import type { Requests } from './requests.ts';

/**
 * A single event may be larger than a record (an object has up to 1.5 MB, and not all of it compresses), and cannot be split. Its bytes are put in
 * parts first; the entry's own record, which is what appends it, then says how many. Each part may be written again with the same bytes.
 */
interface Parted {
  readonly cluster: string;
  readonly offset: Offset;
  readonly writer: string;
}

/** Returns what was written: it is pending until the entry's own record is. */
export async function putParts(requests: Requests, of: Parted, bytes: Uint8Array, now: RealInstant): Promise<Pending> {
  const { cluster, offset, writer } = of;
  const partition = partsPartition(cluster, offset, writer);
  const parts = [...slices(bytes, roomBeside(partition))];
  const pending: Pending = { cluster, offset, writer, count: parts.length };
  await note(requests, pending, now);
  for (const [i, payload] of parts.entries()) await requests.put({ Item: { ...keyAt(partition, i), payload: { B: payload } } });
  return pending;
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
