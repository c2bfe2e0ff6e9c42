import type { DeleteItemCommandInput, GetItemCommandInput, PutItemCommandInput, QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { type Item, numberOf } from '../../core/log/dynamodb/keys.ts';

/**
 * A DynamoDB table with the keys of the log's, as far as its adapter uses one: conditional puts and deletes, gets, queries in pages. Each
 * request is done at one instant. What it does not know, it refuses with an error that no code expects.
 */
export class Table {
  readonly #partitions = new Map<string, Row[]>();
  readonly #now: () => number;
  readonly #onPut: (item: Item) => void;

  /** `onPut` is told of each record that is written, in order: what a stream delivers. */
  constructor({ now, onPut }: { now: () => number; onPut: (item: Item) => void }) {
    this.#now = now;
    this.#onPut = onPut;
  }

  put({ Item: item, ConditionExpression: condition, ExpressionAttributeNames: names, ExpressionAttributeValues: values }: PutItemCommandInput): Written {
    const { rows, at, row } = this.#find(item!);
    if (condition && !holds(condition, row?.item, { names, values })) throw new ConditionFailed(row?.item);
    rows.splice(at, row ? 1 : 0, { offset: numberOf(item!, 'offset'), item: item!, writtenAt: this.#now() });
    this.#onPut(item!);
    return row ? { replaced: row.item } : {};
  }

  /** A record, as of `staleBy` ms ago: one that was written since is not there. */
  get({ Key: key }: Pick<GetItemCommandInput, 'Key'>, { staleBy = 0 }: { staleBy?: number } = {}): Item | undefined {
    const { row } = this.#find(key!);
    return row && row.writtenAt <= this.#now() - staleBy ? row.item : undefined;
  }

  delete({ Key: key, ConditionExpression: condition, ExpressionAttributeNames: names, ExpressionAttributeValues: values }: DeleteItemCommandInput): void {
    const { rows, at, row } = this.#find(key!);
    if (condition && !holds(condition, row?.item, { names, values })) throw new ConditionFailed(row?.item);
    if (row) rows.splice(at, 1);
  }

  /** A page: at most `most` records and 1 MB, as of `staleBy` ms ago. */
  query(input: QueryCommandInput, { most, staleBy = 0 }: { most: number; staleBy?: number }): { Items: Item[]; LastEvaluatedKey?: Item } {
    const { partition, from, to } = rangeOf(input);
    const backwards = input.ScanIndexForward === false;
    const start = input.ExclusiveStartKey ? numberOf(input.ExclusiveStartKey, 'offset') : undefined;
    const all = this.#partitions.get(partition) ?? [];
    const rows = all
      .slice(firstFrom(all, from), firstFrom(all, to + 1))
      .filter(({ offset, writtenAt }) => writtenAt <= this.#now() - staleBy && (start === undefined || (backwards ? offset < start : offset > start)));
    if (backwards) rows.reverse();
    const Items: Item[] = [];
    let bytes = 0;
    for (const { item } of rows) {
      if (Items.length === Math.min(most, input.Limit ?? most) || bytes >= 1 << 20) {
        const { cluster, offset } = Items.at(-1)!;
        return { Items, LastEvaluatedKey: { cluster: cluster!, offset: offset! } };
      }
      Items.push(item);
      bytes += item['payload']?.B?.length ?? 100;
    }
    return { Items };
  }

  /** All that is there, for `restore`. */
  backup(): Backup {
    return new Map([...this.#partitions].map(([partition, rows]) => [partition, [...rows]]));
  }

  /** Puts what was there in the place of what is: a stream of it tells nothing. */
  restore(backup: Backup): void {
    this.#partitions.clear();
    for (const [partition, rows] of backup) this.#partitions.set(partition, [...rows]);
  }

  /** When a record was written, by virtual time. */
  writtenAt(key: Item): number | undefined {
    return this.#find(key).row?.writtenAt;
  }

  /** The sort keys of a partition, in order. */
  offsets(partition: string): number[] {
    return (this.#partitions.get(partition) ?? []).map(({ offset }) => offset);
  }

  #find(key: Item): { rows: Row[]; at: number; row: Row | undefined } {
    const partition = key['cluster']!.S!;
    const offset = numberOf(key, 'offset');
    if (!Number.isInteger(offset)) throw new Error('a record needs a number as its offset');
    const rows = this.#partitions.get(partition) ?? [];
    this.#partitions.set(partition, rows);
    const at = firstFrom(rows, offset);
    return { rows, at, row: rows[at]?.offset === offset ? rows[at] : undefined };
  }
}

export interface Written {
  readonly replaced?: Item;
}

export class ConditionFailed extends Error {
  override readonly name = 'ConditionalCheckFailedException';
  readonly $fault = 'client';
  readonly there: Item | undefined;
  constructor(there: Item | undefined) {
    super('The conditional request failed');
    this.there = there;
  }
}

/** Records are never changed, only replaced. */
export type Backup = ReadonlyMap<string, readonly Row[]>;

interface Row {
  readonly offset: number;
  readonly item: Item;
  readonly writtenAt: number;
}

function firstFrom(rows: readonly Row[], offset: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]!.offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Placeholders {
  readonly names: Record<string, string> | undefined;
  readonly values: Item | undefined;
}

/** `attribute_not_exists(#a)` and `#a = :b`, joined by OR. */
function holds(expression: string, item: Item | undefined, { names, values }: Placeholders): boolean {
  return expression.split(' OR ').some((term) => {
    const absent = /^attribute_not_exists\((#\w+)\)$/.exec(term);
    if (absent) return item?.[names![absent[1]!]!] === undefined;
    const equal = /^(#\w+) = (:\w+)$/.exec(term);
    if (equal) return item !== undefined && JSON.stringify(item[names![equal[1]!]!]) === JSON.stringify(values![equal[2]!]);
    throw new Error(`a condition that this table does not know: ${expression}`);
  });
}

/** `#cluster = :cluster`, alone or with one bound on the offset. */
function rangeOf({ KeyConditionExpression: expression, ExpressionAttributeNames: names, ExpressionAttributeValues: values }: QueryCommandInput) {
  const match = /^(#\w+) = (:\w+)(?: AND (#\w+) (>|<=) (:\w+))?$/.exec(expression ?? '');
  if (!match || names![match[1]!] !== 'cluster' || (match[3] && names![match[3]] !== 'offset'))
    throw new Error(`a query that this table does not know: ${expression}`);
  const bound = match[5] ? Number(values![match[5]]!.N) : undefined;
  return {
    partition: values![match[2]!]!.S!,
    from: match[4] === '>' ? bound! + 1 : Number.NEGATIVE_INFINITY,
    to: match[4] === '<=' ? bound! : Number.POSITIVE_INFINITY,
  };
}
