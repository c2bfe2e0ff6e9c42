import { createHash } from 'node:crypto';
import { type Item, isEntryPartition, numberOf, partsPartition } from '../../core/log/dynamodb/keys.ts';
import { type LogEntry, lastOffset } from '../../core/log/log.ts';
import { decode } from './decoder.ts';
import type { Table } from './table.ts';

/** Everything that ever was written into the logs, in the order in which it was, whatever became of it afterwards: the truth of a run. */
export class Journal {
  readonly entries = new Map<string, LogEntry[]>();
  /** When each was written, by virtual time. */
  readonly writtenAt = new Map<LogEntry, number>();
  readonly #now: () => number;
  readonly #hash = createHash('sha256');
  /** How many events there are in all. */
  events = 0;
  /** Whether an entry was put where the log did not end: nothing that follows makes sense (checkers/offsets.ts). */
  isBroken = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  record(item: Item, table: Table): void {
    const cluster = item['cluster']!.S!;
    if (!isEntryPartition(cluster)) return;
    const bytes = item['payload']?.B ?? partsOf(item, table);
    this.#hash.update(bytes);
    const entry = decode(bytes);
    this.events += entry.events.length;
    if (entry.offset !== this.endOf(cluster) + 1) this.isBroken = true;
    this.writtenAt.set(entry, this.#now());
    const known = this.entries.get(cluster);
    if (known) known.push(entry);
    else this.entries.set(cluster, [entry]);
  }

  /** The last offset of a cluster's log; 0 before it has any. */
  endOf(cluster: string): number {
    const last = this.entries.get(cluster)?.at(-1);
    return last ? lastOffset(last) : 0;
  }

  /** How many entries each cluster has, for `rewind`. */
  get length(): ReadonlyMap<string, number> {
    return new Map([...this.entries].map(([cluster, entries]) => [cluster, entries.length]));
  }

  /** Forgets what was written since: the table was restored. */
  rewind(length: ReadonlyMap<string, number>): void {
    for (const [cluster, entries] of this.entries) entries.splice(length.get(cluster) ?? 0);
  }

  get hash(): string {
    return this.#hash.copy().digest('hex').slice(0, 16);
  }
}

function partsOf(item: Item, table: Table): Uint8Array {
  const partition = partsPartition(item['cluster']!.S!, numberOf(item, 'offset'), item['writer']!.S!);
  const { Items } = table.query(
    {
      TableName: 'log',
      KeyConditionExpression: '#cluster = :cluster',
      ExpressionAttributeNames: { '#cluster': 'cluster' },
      ExpressionAttributeValues: { ':cluster': { S: partition } },
    },
    { most: Number.POSITIVE_INFINITY },
  );
  return Buffer.concat(Items.map((part) => part['payload']!.B!));
}
