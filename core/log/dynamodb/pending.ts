import { epochMs, type RealInstant, realInstant } from '../../instant.ts';
import type { Offset } from '../log.ts';
import { type Item, keyAt, numberOf, numberOfName, partsPartition, pendingPartition, piecesPartition, snapshotsPartition } from './keys.ts';
import type { Requests } from './requests.ts';

/**
 * Records that are written before the one that names them: the parts of a large entry, the pieces of a snapshot. A writer that dies in between would leave
 * them for ever, so a note of them is written first, and removed when they are named or deleted. `sweep` settles the notes that were left
 * (docs/decisions/0013-orphans.md).
 */
export interface Pending {
  readonly kind: Kind;
  readonly cluster: string;
  /** The offset of the record that is to name them. */
  readonly offset: Offset;
  /** What that record says when it names them: the writer of an entry, the id of a snapshot. */
  readonly name: string;
  /** They are at 0, 1, … of their partition. */
  readonly count: number;
}

interface NamedBy {
  readonly partition: (of: Pending) => string;
  /** The key of the record that is to name them, and the attribute that does. */
  readonly owner: (of: Pending) => Item;
  readonly attribute: string;
  /** Whether it is certain, once no such record names them, that none ever will. */
  readonly neverNamed: (there: Item | undefined) => boolean;
}

type Kind = keyof typeof kinds;

const kinds = {
  parts: {
    partition: ({ cluster, offset, name }) => partsPartition(cluster, offset, name),
    owner: ({ cluster, offset }) => keyAt(cluster, offset),
    attribute: 'writer',
    // Entries are never replaced nor deleted: where another writer's stands, the append of this one can only fail. Where none stands, it may yet succeed.
    neverNamed: (there) => there !== undefined,
  },
  pieces: {
    partition: ({ cluster, name }) => piecesPartition(cluster, name),
    owner: ({ cluster, offset }) => keyAt(snapshotsPartition(cluster), offset),
    attribute: 'id',
    // A snapshot that is named after all, without its pieces, is passed over by who reads: nothing is in it that is not in the log.
    neverNamed: () => true,
  },
} satisfies Record<string, NamedBy>;

/** To be done before the first of the records is written. */
export async function note({ put }: Requests, of: Pending, now: RealInstant): Promise<void> {
  const { kind, cluster, offset, name, count } = of;
  const record = { kind: { S: kind }, of: { N: String(offset) }, name: { S: name }, count: { N: String(count) }, time: { N: String(epochMs(now)) } };
  await put({ Item: { ...keyAt(pendingPartition(cluster), numberFor(of)), ...record } });
}

/** The records are named by now. */
export async function forget(requests: Requests, of: Pending): Promise<void> {
  await requests.delete({ Key: keyAt(pendingPartition(of.cluster), numberFor(of)) });
}

/** The records will never be named. The note goes last: a writer that dies in between leaves it for the next sweep. */
export async function discard(requests: Requests, of: Pending): Promise<void> {
  for (let i = 0; i < of.count; i++) await requests.delete({ Key: keyAt(kinds[of.kind].partition(of), i) });
  await forget(requests, of);
}

/**
 * Deletes what the writers of a cluster left behind that noted it before a time. The time only keeps it from working against a writer that
 * is at it; that no record which an entry names is ever deleted depends on no clock.
 */
export async function sweep(requests: Requests, cluster: string, { notedBefore }: { notedBefore: RealInstant }): Promise<void> {
  const notes = requests.query({
    KeyConditionExpression: '#cluster = :cluster',
    ExpressionAttributeNames: { '#cluster': 'cluster' },
    ExpressionAttributeValues: { ':cluster': { S: pendingPartition(cluster) } },
    ConsistentRead: true,
  });
  for await (const page of notes) {
    for (const item of page) if (realInstant(numberOf(item, 'time')) < notedBefore) await settle(requests, pendingOf(cluster, item));
  }
}

async function settle(requests: Requests, of: Pending): Promise<void> {
  const { owner, attribute, neverNamed } = kinds[of.kind];
  const there = (await requests.get({ Key: owner(of), ConsistentRead: true })).Item;
  if (there?.[attribute]?.S === of.name) await forget(requests, of);
  else if (neverNamed(there)) await discard(requests, of);
}

const pendingOf = (cluster: string, item: Item): Pending => ({
  kind: item['kind']!.S as Kind,
  cluster,
  offset: numberOf(item, 'of'),
  name: item['name']!.S!,
  count: numberOf(item, 'count'),
});

/** Where the note of a partition is: always at the same number, so that a repeated write has one note. */
const numberFor = (of: Pending): number => numberOfName(kinds[of.kind].partition(of));
