import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Env } from '../../env.ts';
import { between, type Elapsed } from '../../instant.ts';
import { isBegunLog } from '../branches.ts';
import { decodeEntry, encodeEntry } from '../codec.ts';
import { canGoOn } from '../end-entry.ts';
import { EntriesMissing, entryOf } from '../entry.ts';
import type { Offset } from '../event.ts';
import { type Append, type AppendResult, EntryTooLarge, type EventLog, type LogEntry, LogUnavailable, lastOffset } from '../log.ts';
import type { WorkerFailures } from '../worker-failure.ts';
import { isCurrent, listBranches } from './branch-records.ts';
import { dynamodbBranches } from './branches.ts';
import { dynamodbFailures } from './failures.ts';
import { type Item, isEntryPartition, keyAt, numberOf, roomBeside } from './keys.ts';
import { putParts, readParts } from './parts.ts';
import { discard, forget, sweep } from './pending.ts';
import { dynamodbProposals, sweepProposals } from './proposals.ts';
import { register } from './registry.ts';
import { remove } from './remove.ts';
import { isConditionFailed, type RequestOptions, requests } from './requests.ts';
import { loadSnapshot, saveSnapshot, snapshotHeads, sweepSnapshots } from './snapshots.ts';
import { truncate } from './truncate.ts';

interface DynamodbLogOptions extends Pick<RequestOptions, 'onConsumed'> {
  /** Best with `maxAttempts: 1`: this adapter retries by itself. It is not closed with the log. */
  readonly client: DynamoDBClient;
  /** Partition key `cluster` (S), sort key `offset` (N); see dynamodb/keys.ts. */
  readonly table: string;
  readonly env: Env;
  /** How long one attempt of a request may take; 3,000 ms unless told. */
  readonly timeoutMs?: number;
  /** How often a request is tried before the log counts as unavailable; 8 times unless told. */
  readonly attempts?: number;
  /** For how long a log has to be known here as one that has ended before it is removed; five minutes unless told (replica/retention.ts says why). */
  readonly settledMs?: number;
}

export interface DynamodbLog extends EventLog {
  /** Deletes what writers of a cluster left behind that died in the middle of a large append or a snapshot (dynamodb/pending.ts, dynamodb/snapshots.ts), or while a commit waited: now and then, by one process. */
  sweep(cluster: string): Promise<void>;
  /** Of a deployment's workers, each of which runs in processes that know nothing of one another. */
  readonly failures: WorkerFailures;
}

/**
 * The log of a deployment: a DynamoDB table, one record per entry, appended by one conditional put (a write unit per KB of the encoded
 * entry) and read by consistent queries (a read unit per 4 KB, and one for a look that finds nothing).
 */
export function dynamodbLog({ client, table, env, timeoutMs = 3_000, attempts = 8, settledMs = SETTLED_MS, onConsumed }: DynamodbLogOptions): DynamodbLog {
  const request = requests({ client, table, env, timeoutMs, attempts, onConsumed });
  const closing = new AbortController();
  const proposals = dynamodbProposals(request, env.clock);
  /** Since when logs are known here as ended, by elapsed time: wall clocks can be set. */
  const endedSince = new Map<string, Elapsed>();
  const branches = dynamodbBranches(request, () => env.clock.now());

  async function append(cluster: string, wanted: Append): Promise<AppendResult> {
    open(cluster);
    const entry = entryOf(wanted);
    const of = { cluster, offset: entry.offset, writer: entry.writer };
    const bytes = encodeEntry(entry);
    const room = roomBeside(cluster, entry.writer);
    if (bytes.length > room && entry.events.length > 1)
      throw new EntryTooLarge(`${entry.events.length} events take ${bytes.length} bytes; an entry may have ${room}`);
    if (wanted.after === 0) await begin(cluster);
    const parts = bytes.length > room ? await putParts(request, of, bytes, env.clock.now()) : undefined;
    // What becomes of the parts does not change the answer: what is not settled now, a sweep settles.
    const settled = async (settle: typeof forget) => parts && (await settle(request, parts).catch(() => {}));
    try {
      await request.put({
        Item: {
          ...keyAt(cluster, entry.offset),
          writer: { S: entry.writer },
          ...(parts ? { parts: { N: String(parts.count) } } : { payload: { B: bytes } }),
        },
        ConditionExpression: 'attribute_not_exists(#cluster)',
        ExpressionAttributeNames: { '#cluster': 'cluster' },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      await settled(forget);
      return { type: 'appended', entry };
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
      // An earlier attempt may have been done and its answer lost: what is there says whose it is.
      const there = (error as { Item?: Item }).Item ?? (await get(cluster, entry.offset));
      if (!there) throw new LogUnavailable(`the entry at ${entry.offset} of ${cluster} was there and is gone`, { cause: error });
      const ours = there['writer']?.S === entry.writer;
      await settled(ours ? forget : discard);
      if (ours) return { type: 'appended', entry };
      // What stands there came for nothing, unless it is in parts.
      const payload = there['payload']?.B;
      return payload ? { type: 'conflict', entry: decodeEntry(payload) } : { type: 'conflict' };
    }
  }

  /** So that no first entry is without a record that names its log. */
  async function begin(log: string): Promise<void> {
    if (!isBegunLog(log)) await register(request, log);
    else if (!(await isCurrent(request, log))) throw new LogUnavailable(`the log ${log} is no longer that of a cluster`);
  }

  /** The clusters that have an entry, of their own or of their base: a writer may have stopped before it wrote one. */
  async function clusters(): Promise<string[]> {
    const names: string[] = [];
    const all = await listBranches(request);
    for (let i = 0; i < all.length; i += AT_ONCE) {
      const some = all.slice(i, i + AT_ONCE);
      const there = await Promise.all(some.map(({ log, base }) => base.length > 0 || hasEntry(log)));
      names.push(...some.filter((_, k) => there[k]).map(({ cluster }) => cluster));
    }
    return names.sort();
  }

  async function hasEntry(log: string): Promise<boolean> {
    for await (const page of request.query({ ...entriesAfter(log, 0), Limit: 1 })) return page.length > 0;
    return false;
  }

  /** A server that does not give the record with the failed condition is asked for it. */
  const get = async (cluster: string, offset: Offset) => (await request.get({ Key: keyAt(cluster, offset), ConsistentRead: true })).Item;

  async function* read(cluster: string, after: Offset, signal?: AbortSignal): AsyncGenerator<LogEntry> {
    open(cluster);
    let tornAt: Offset | undefined;
    for (;;) {
      let torn = false;
      pages: for await (const page of request.query(entriesAfter(cluster, after), signal)) {
        for (const item of page) {
          // A page is not read at one instant: it may hold an entry and lack the one before, when both came meanwhile. Then read again from there.
          torn = numberOf(item, 'offset') !== after + 1;
          if (torn) break pages;
          const entry = await entryIn(cluster, item, signal);
          yield entry;
          after = lastOffset(entry);
        }
      }
      if (!torn) return;
      if (tornAt === after) throw new EntriesMissing(`${cluster} has later entries, but none at ${after + 1}`);
      tornAt = after;
    }
  }

  async function entryIn(cluster: string, item: Item, signal?: AbortSignal): Promise<LogEntry> {
    const of = { cluster, offset: numberOf(item, 'offset'), writer: item['writer']!.S! };
    const bytes = item['payload']?.B ?? (await readParts(request, of, numberOf(item, 'parts'), signal));
    if (!bytes) throw new EntriesMissing(`a part of the entry at ${of.offset} of ${cluster} is missing`);
    return decodeEntry(bytes);
  }

  async function lastEntry(cluster: string, { atMost }: { atMost: Offset }): Promise<LogEntry | undefined> {
    open(cluster);
    for await (const [item] of request.query({ ...entriesUpTo(cluster, atMost), ScanIndexForward: false, Limit: 1 })) return item && entryIn(cluster, item);
    return undefined;
  }

  async function* tail(cluster: string, from: Offset, given: AbortSignal): AsyncGenerator<LogEntry> {
    const signal = AbortSignal.any([given, closing.signal]);
    let after = from;
    let pause = POLL_MS;
    while (!signal.aborted) {
      try {
        for await (const entry of read(cluster, after, signal)) {
          if (signal.aborted) return;
          yield entry;
          after = lastOffset(entry);
          pause = POLL_MS;
        }
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      await env.clock.sleep(pause, signal);
      pause = Math.min(pause * 1.5, POLL_MAX_MS);
    }
  }

  function open(cluster?: string): void {
    if (closing.signal.aborted) throw new LogUnavailable('the log is closed');
    if (cluster !== undefined && (!cluster || !isEntryPartition(cluster))) throw new Error(`${JSON.stringify(cluster)} cannot be a cluster's name`);
  }

  return {
    append,
    proposals: {
      async put(cluster, proposal) {
        open(cluster);
        return proposals.put(cluster, proposal);
      },
      async list(cluster) {
        open(cluster);
        return proposals.list(cluster);
      },
      async delete(cluster, id) {
        open(cluster);
        await proposals.delete(cluster, id);
      },
    },
    read: (cluster, { after }) => read(cluster, after),
    tail: (cluster, { after, signal }) => tail(cluster, after, signal),
    lastEntry,
    async saveSnapshot(cluster, snapshot, bytes) {
      open(cluster);
      await saveSnapshot(request, env, cluster, { snapshot, bytes });
    },
    async loadSnapshot(cluster, bounds = {}) {
      open(cluster);
      return await loadSnapshot(request, cluster, bounds);
    },
    async truncate(cluster, options) {
      open(cluster);
      return await truncate(request, cluster, { ...options, now: env.clock.now() });
    },
    branches: {
      async get(cluster) {
        open(cluster);
        return branches.get(cluster);
      },
      async list() {
        open();
        return branches.list();
      },
      async begin(branch) {
        open(branch.log);
        return (await canGoOn({ lastEntry }, branch)) ? branches.begin(branch) : 'gone';
      },
      async cut(branch, begin) {
        open(branch.log);
        return branches.cut(branch, begin);
      },
      async end(cluster, log) {
        open(log);
        return branches.end(cluster, log);
      },
      async ended() {
        open();
        return branches.ended();
      },
      async release(logs) {
        for (const log of logs) open(log);
        return branches.release(logs);
      },
    },
    async remove(log) {
      open(log);
      const elapsed = env.clock.elapsed();
      const since = endedSince.get(log) ?? elapsed;
      endedSince.set(log, since);
      const removal = await remove(request, log, { now: env.clock.now(), settlesInMs: settledMs - between(since, elapsed) });
      if (removal.done && removal.leftMs === undefined && !removal.heldBy) endedSince.delete(log);
      return removal;
    },
    async sweep(cluster) {
      open(cluster);
      const now = env.clock.now();
      await sweep(request, cluster, now);
      await sweepSnapshots(request, cluster, now);
      await sweepProposals(request, cluster, now);
    },
    failures: dynamodbFailures(request),
    async snapshots(cluster) {
      open(cluster);
      return await snapshotHeads(request, cluster);
    },
    async clusters() {
      open();
      return await clusters();
    },
    // Whether the table takes writes is only known by writing; that it answers, reads tell.
    check: async () => open(),
    async close() {
      closing.abort();
    },
  };
}

// A tail with news looks again after 100 ms; a quiet one, after eight looks, every 2 s.
const POLL_MS = 100;
const POLL_MAX_MS = 2_000;

const AT_ONCE = 16;
const SETTLED_MS = 5 * 60_000;

const entriesAfter = (cluster: string, after: Offset) => entries(cluster, '#offset > :after', { ':after': { N: String(after) } });

const entriesUpTo = (cluster: string, atMost: Offset) => entries(cluster, '#offset <= :atMost', { ':atMost': { N: String(atMost) } });

const entries = (cluster: string, bound: string, value: Item) => ({
  KeyConditionExpression: `#cluster = :cluster AND ${bound}`,
  ExpressionAttributeNames: { '#cluster': 'cluster', '#offset': 'offset' },
  ExpressionAttributeValues: { ':cluster': { S: cluster }, ...value },
  ConsistentRead: true,
});
