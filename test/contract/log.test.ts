import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, type PutItemCommand } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { afterAll, beforeAll, describe } from 'vitest';
import { systemEnv } from '../../core/env.ts';
import { dynamodbLog } from '../../core/log/dynamodb/dynamodb-log.ts';
import type { EventLog } from '../../core/log/log.ts';
import { memoryLog } from '../../core/log/memory/memory-log.ts';
import { createTable } from './dynamodb-table.ts';
import { describeEventLog } from './log.contract.ts';
import type { Fate } from './log-under-test.ts';
import { inProcess, onSqlite, onSqliteSkips } from './on-sqlite.ts';
import { TableInProcess } from './table-in-process.ts';

describeEventLog(
  'memory',
  async () => {
    const log = memoryLog({ maxEntryBytes: 400 * 1024 });
    return { log, peer: log, restart: () => Promise.reject(), dispose: () => log.close() };
  },
  { skip: { ...inProcess, restart: 'memory ends with its process' } },
);

describeEventLog('SQLite', async () => onSqlite(), { skip: onSqliteSkips });

describe('the table of the simulation', () => {
  const { client } = new TableInProcess();
  describeDynamodb('DynamoDB, in the process', { table: 'log', connect: () => client });
});

describe('DynamoDB-compatible servers', () => {
  const server = dynalite({ createTableMs: 0 });
  const ready = (async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  })();
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  describeServer('dynalite', () => ready);

  const endpoint = process.env['LOGPLANE_DYNAMODB_ENDPOINT'];
  if (endpoint) describeServer(endpoint, async () => endpoint);
});

function describeServer(name: string, endpointOf: () => Promise<string>): void {
  const table = `logplane-${randomUUID()}`;
  const clients: DynamoDBClient[] = [];
  let endpoint: string;

  beforeAll(async () => {
    endpoint = await endpointOf();
    await createTable({ client: connect(), table });
  });
  afterAll(() => {
    for (const client of clients) client.destroy();
  });

  function connect(): DynamoDBClient {
    const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1 });
    clients.push(client);
    return client;
  }

  describeDynamodb(name, { table, connect });
}

function describeDynamodb(name: string, { table, connect }: { table: string; connect: () => DynamoDBClient }): void {
  // As the real time goes, only that a retry does not wait for long.
  const env = {
    ...systemEnv,
    clock: { ...systemEnv.clock, sleep: (ms: number, signal?: AbortSignal) => systemEnv.clock.sleep(ms < 3_000 ? ms / 10 : ms, signal) },
  };

  describeEventLog(name, async () => {
    const opened: EventLog[] = [];
    const open = (client: DynamoDBClient) => {
      const log = dynamodbLog({ client, table, env, settledMs: 0 });
      opened.push(log);
      return log;
    };
    return {
      log: open(connect()),
      peer: open(connect()),
      unreliable: (fate) => open(unreliable(connect(), fate)),
      async restart() {
        for (const log of opened) await log.close();
        return open(connect());
      },
      async dispose() {
        for (const log of opened) await log.close();
      },
    };
  });
}

/** Makes requests, or their answers, get lost on the way, as a network does: the SDK reports a time-out. */
function unreliable(client: DynamoDBClient, fate: Fate): DynamoDBClient {
  const puts = { entry: 0, snapshot: 0 };
  const send = async (command: PutItemCommand, options: object) => {
    const partition = command.input.Item?.['cluster']?.S;
    const what = partition === undefined ? undefined : !partition.includes('#') ? 'entry' : /#snapshot|#chunk/.test(partition) ? 'snapshot' : undefined;
    if (!what) return client.send(command, options);
    const outcome = await fate(what, ++puts[what]);
    if (outcome === 'delivered') return client.send(command, options);
    if (outcome === 'answer lost') await client.send(command, options).catch(() => {});
    throw Object.assign(new Error(`the ${outcome}`), { name: 'TimeoutError' });
  };
  return { send } as unknown as DynamoDBClient;
}
