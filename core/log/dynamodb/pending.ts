import { epochMs, type RealInstant, realInstant } from '../../instant.ts';
import type { Offset } from '../event.ts';
import { atWorkForMs } from './at-work.ts';
import { beginOf } from './heads.ts';
import { type Item, keyAt, numberOf, numberOfName, partsPartition, pendingPartition } from './keys.ts';
import type { Requests } from './requests.ts';

/**
 * The parts of a large entry are written before the record that names them. A writer that dies in between would leave them for ever, so a note of them is
 * written first, and removed when they are named or deleted. `sweep` settles the notes that were left (docs/decisions/0013-orphans.md).
 */
export interface Pending {
  readonly cluster: string;
  /** The offset of the entry that is to name them. */
  readonly offset: Offset;
  readonly writer: string;
  /** They are at 0, 1, … of their partition. */
  readonly count: number;
}

/** To be done before the first of the parts is written. */
export async function note({ put }: Requests, of: Pending, now: RealInstant): Promise<void> {
  const { cluster, offset, writer, count } = of;
  const record = { of: { N: String(offset) }, name: { S: writer }, count: { N: String(count) }, time: { N: String(epochMs(now)) } };
  await put({ Item: { ...keyAt(pendingPartition(cluster), numberFor(of)), ...record } });
}

/** The parts are named by now. */
export async function forget(requests: Requests, of: Pending): Promise<void> {
  await requests.delete({ Key: keyAt(pendingPartition(of.cluster), numberFor(of)) });
}

/** The parts will never be named, or not any more. The note goes last: a writer that dies in between leaves it for the next sweep. */
export async function discard(requests: Requests, of: Pending): Promise<void> {
  for (let i = 0; i < of.count; i++) await requests.delete({ Key: keyAt(partitionOf(of), i) });
  await forget(requests, of);
}

/**
 * Deletes what the dead writers of a cluster left behind. The time only keeps it from working against a writer that
 * is at it; that no record which an entry names is ever deleted depends on no clock.
 */
export async function sweep(requests: Requests, cluster: string, now: RealInstant): Promise<void> {
  for await (const page of requests.query(notesOf(cluster))) {
    for (const item of page) if (atWorkForMs(realInstant(numberOf(item, 'time')), now) <= 0) await settle(requests, pendingOf(cluster, item));
  }
}

/** Deletes all that was left behind in a log of which no entry is there any more. */
export async function discardAll(requests: Requests, log: string): Promise<void> {
  for await (const page of requests.query(notesOf(log))) for (const item of page) await discard(requests, pendingOf(log, item));
}

const notesOf = (cluster: string) => ({
  KeyConditionExpression: '#cluster = :cluster',
  ExpressionAttributeNames: { '#cluster': 'cluster' },
  ExpressionAttributeValues: { ':cluster': { S: pendingPartition(cluster) } },
  ConsistentRead: true,
});

async function settle(requests: Requests, of: Pending): Promise<void> {
  const there = (await requests.get({ Key: keyAt(of.cluster, of.offset), ConsistentRead: true })).Item;
  if (there?.['writer']?.S === of.writer) await forget(requests, of);
  // Where another writer's entry stands, the append of this one can only fail. Where none stands it may yet succeed, unless the log was truncated there.
  else if (there || of.offset <= (await beginOf(requests, of.cluster))) await discard(requests, of);
}

const pendingOf = (cluster: string, item: Item): Pending => ({
  cluster,
  offset: numberOf(item, 'of'),
  writer: item['name']!.S!,
  count: numberOf(item, 'count'),
});

const partitionOf = ({ cluster, offset, writer }: Pending): string => partsPartition(cluster, offset, writer);

/** Where the note of a partition is: always at the same number, so that a repeated write has one note. */
const numberFor = (of: Pending): number => numberOfName(partitionOf(of));
