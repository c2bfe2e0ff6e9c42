import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Env, systemEnv } from '../../core/env.ts';
import { clusterInstant, realInstant } from '../../core/instant.ts';
import { type DynamodbLog, dynamodbLog } from '../../core/log/dynamodb/dynamodb-log.ts';
import type { Append } from '../../core/log/log.ts';
import { createTable } from './dynamodb-table.ts';
import { all, bytes, digests, event, newCluster, noise, request, snapshot } from './entries.ts';

/** A writer that dies at any of its requests leaves nothing for ever, and nothing that was acknowledged is ever taken for what it left (docs/decisions/0013-orphans.md). */
const server = dynalite({ createTableMs: 0 });
const table = `logplane-${randomUUID()}`;
const HOUR = 3_600_000;
let client: DynamoDBClient;
let cluster: string;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1 });
  await createTable({ client, table });
});
afterAll(async () => {
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  cluster = newCluster();
});

/** A process's log. It makes so many writes and dies: the next one and all later ones are not sent. `later`: how far its clock is ahead. */
function logOf({ diesAfter = Number.POSITIVE_INFINITY, later = 0 }: { diesAfter?: number; later?: number } = {}): DynamodbLog & { readonly writes: number } {
  let writes = 0;
  const env: Env = { ...systemEnv, clock: { ...systemEnv.clock, now: () => realInstant(Date.now() + later) } };
  const send = (command: { input: object }, options: object) => {
    const isWrite = command instanceof PutItemCommand || command instanceof DeleteItemCommand;
    if (isWrite && writes++ >= diesAfter) throw Object.assign(new Error('dead'), { $fault: 'client' });
    return client.send(command as PutItemCommand, options);
  };
  const log = dynamodbLog({ client: { send } as unknown as DynamoDBClient, table, env });
  return Object.defineProperty(log, 'writes', { get: () => writes }) as DynamodbLog & { readonly writes: number };
}

/** The partitions of the cluster that have records, besides that of its entries. */
async function partitions(): Promise<string[]> {
  const names = new Set<string>();
  let ExclusiveStartKey: Record<string, never> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: table, ProjectionExpression: '#c', ExpressionAttributeNames: { '#c': 'cluster' }, ExclusiveStartKey }),
    );
    for (const { cluster: partition } of page.Items!) if (partition!.S!.startsWith(`${cluster}#`)) names.add(partition!.S!.slice(cluster.length));
    ExclusiveStartKey = page.LastEvaluatedKey as typeof ExclusiveStartKey;
  } while (ExclusiveStartKey);
  return [...names].sort();
}

const large = (after: number): Append => ({ ...request(after, 1), events: [event(0, noise(900_000))] });
const writesOf = async (act: (log: DynamodbLog) => Promise<unknown>) => {
  const log = logOf();
  await act(log);
  return log.writes;
};

describe('a large entry', () => {
  it('leaves no note when it is appended, and none when the race was lost', async () => {
    const log = logOf();
    const entry = large(0);
    expect((await log.append(cluster, entry)).type).toBe('appended');
    expect((await log.append(cluster, large(0))).type).toBe('conflict');
    expect((await log.append(cluster, entry)).type).toBe('appended');
    expect(await partitions()).toEqual([`#parts#1#${entry.writer}`]);
  });

  it('of a writer that died at any write is wholly there or goes without a trace, once another was appended in its place', async () => {
    const total = await writesOf((log) => log.append(cluster, large(0)));
    expect(total).toBeGreaterThan(5);
    for (let diesAfter = 0; diesAfter < total; diesAfter++) {
      cluster = newCluster();
      const entry = large(0);
      const acknowledged = await logOf({ diesAfter })
        .append(cluster, entry)
        .then(
          () => true,
          () => false,
        );
      // Whoever is next finds it, or appends where it would have been.
      const next = await logOf().append(cluster, request(0, 1));
      const before = await all(logOf(), cluster);
      expect(before).toHaveLength(1);
      if (acknowledged) expect(next.type).toBe('conflict');
      await logOf({ later: 2 * HOUR }).sweep(cluster);
      expect(digests(await all(logOf(), cluster))).toStrictEqual(digests(before));
      expect(await partitions()).toEqual(next.type === 'conflict' ? [`#parts#1#${entry.writer}`] : []);
    }
  });

  it('keeps its parts however late the writer comes: for years nobody took its place', async () => {
    const entry = large(0);
    const writes = await writesOf((log) => log.append(newCluster(), entry));
    // All is written but the entry's own record and what comes after it.
    await expect(logOf({ diesAfter: writes - 2 }).append(cluster, entry)).rejects.toThrow();
    const left = await partitions();
    expect(left).toEqual([`#parts#1#${entry.writer}`, '#pending']);
    await logOf({ later: 10 * 365 * 24 * HOUR }).sweep(cluster);
    expect(await partitions()).toEqual(left);
    expect((await logOf().append(cluster, entry)).type).toBe('appended');
    expect(digests(await all(logOf(), cluster))).toHaveLength(1);
    expect(await partitions()).toEqual([`#parts#1#${entry.writer}`]);
  });

  it('that was acknowledged outlives every sweep, even if its note was never removed', async () => {
    const entry = large(0);
    const writes = await writesOf((log) => log.append(newCluster(), entry));
    const acknowledged = await logOf({ diesAfter: writes - 1 }).append(cluster, entry);
    expect(acknowledged.type).toBe('appended');
    expect(await partitions()).toEqual([`#parts#1#${entry.writer}`, '#pending']);
    for (const later of [2 * HOUR, 400 * 24 * HOUR]) await logOf({ later }).sweep(cluster);
    expect(await partitions()).toEqual([`#parts#1#${entry.writer}`]);
    expect(digests(await all(logOf(), cluster))).toHaveLength(1);
  });

  it('is not swept from under a writer that is at it', async () => {
    const entry = large(0);
    const writes = await writesOf((log) => log.append(newCluster(), entry));
    await expect(logOf({ diesAfter: writes - 3 }).append(cluster, entry)).rejects.toThrow();
    await logOf().append(cluster, request(0, 1));
    const left = await partitions();
    await logOf().sweep(cluster);
    expect(await partitions()).toEqual(left);
  });
});

describe('a snapshot', () => {
  const big = (offset: number) => ({ offset, time: clusterInstant(1), chunks: [bytes(500_000), bytes(500_000)] });

  it.each([{ replaces: false }, { replaces: true }])(
    'of a writer that died at any write is whole or goes without a trace ($replaces: another one)',
    async ({ replaces }) => {
      const prepare = () => (replaces ? logOf().saveSnapshot(cluster, big(20)) : logOf().saveSnapshot(cluster, snapshot(10, 1)));
      await prepare();
      const total = await writesOf((log) => log.saveSnapshot(cluster, big(20)));
      for (let diesAfter = 0; diesAfter < total; diesAfter++) {
        cluster = newCluster();
        await prepare();
        await logOf({ diesAfter })
          .saveSnapshot(cluster, big(20))
          .catch(() => undefined);
        await logOf({ later: 2 * HOUR }).sweep(cluster);
        const left = (await partitions()).filter((name) => name.startsWith('#snapshot#'));
        const heads: number[] = [];
        for (let found = await logOf().loadSnapshot(cluster); found; found = await logOf().loadSnapshot(cluster, { atMost: found.offset - 1 }))
          heads.push(found.offset);
        expect(heads.length).toBeGreaterThan(0);
        // As many partitions of pieces as there are snapshots that can be read, and no note.
        expect(left).toHaveLength(heads.length);
        expect(await partitions()).not.toContain('#pending');
      }
    },
  );

  it('that two processes save at once is there once', async () => {
    await Promise.all([logOf().saveSnapshot(cluster, big(20)), logOf().saveSnapshot(cluster, big(20))]);
    expect((await logOf().loadSnapshot(cluster))?.offset).toBe(20);
    expect(await partitions()).toEqual([expect.stringMatching(/^#snapshot#/), '#snapshots']);
  });
});
