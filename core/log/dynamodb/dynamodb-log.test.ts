import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  InternalServerError,
  ProvisionedThroughputExceededException,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { chunkOf, plain, plainLoaded, save } from '../../../test/contract/entries.ts';
import { type Env, idsFrom, systemEnv } from '../../env.ts';
import { clusterInstant, elapsedAt, realInstant } from '../../instant.ts';
import { userNamed } from '../../kube/user.ts';
import { encodeEntry } from '../codec.ts';
import { EntriesMissing } from '../entry.ts';
import { type Append, type LogEntry, LogUnavailable } from '../log.ts';
import { encodeManifest } from '../manifest.ts';
import { dynamodbLog } from './dynamodb-log.ts';

const append: Append = { after: 4, events: [{ type: 'DELETED', key: 'configmaps/default/a', actor: userNamed('a') }], writer: 'ours', time: clusterInstant(7) };
const entry: LogEntry = { offset: 5, events: append.events, writer: 'ours', time: clusterInstant(7) };

const metadata = (httpStatusCode: number) => ({ $metadata: { httpStatusCode }, message: 'said DynamoDB' });
const failures = {
  throttled: () => new ProvisionedThroughputExceededException(metadata(400)),
  'throttled for the table': () => named('ThrottlingException', { $fault: 'client', $metadata: { httpStatusCode: 400 } }),
  'failed inside': () => new InternalServerError(metadata(500)),
  'partly unavailable': () => named('ServiceUnavailable', { $fault: 'server', $metadata: { httpStatusCode: 503 } }),
  'without an answer in time': () => named('TimeoutError'),
  'cut off': () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }),
  'out of reach': () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
};
const conditionFailed = (writer?: string) =>
  new ConditionalCheckFailedException({ ...metadata(400), ...(writer && { Item: { ...itemOf({ ...entry, writer }) } }) });

describe('append', () => {
  for (const [name, failure] of Object.entries(failures)) {
    it(`tries the same put again when it was ${name}`, async () => {
      const { mock, log, slept } = setUp();
      mock.on(PutItemCommand).rejectsOnce(failure()).rejectsOnce(failure()).resolves({});
      expect(await log.append('main', append)).toStrictEqual({ type: 'appended', entry });
      const puts = mock.commandCalls(PutItemCommand).map((call) => call.args[0].input);
      expect(puts).toHaveLength(3);
      expect(puts[2]).toStrictEqual(puts[0]);
      expect(puts[0]!.Item!['writer']).toStrictEqual({ S: 'ours' });
      expect(slept).toHaveLength(2);
    });

    it(`is LogUnavailable when it was ${name} every time, having waited longer and longer`, async () => {
      const { mock, log, slept } = setUp({ attempts: 5 });
      mock.on(PutItemCommand).rejects(failure());
      const error = await log.append('main', append).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(LogUnavailable);
      expect((error as Error).message).toMatch(/^DynamoDB gave no answer in 5 attempts: /);
      expect(mock.commandCalls(PutItemCommand)).toHaveLength(5);
      // Half of the most that full jitter allows, as chance is 0.5 here.
      expect(slept).toStrictEqual([50, 100, 200, 400]);
    });
  }

  it('is appended when the first try was done without an answer: the failed condition shows our own entry', async () => {
    const { mock, log } = setUp();
    mock.on(PutItemCommand).rejectsOnce(failures['without an answer in time']()).rejects(conditionFailed('ours'));
    expect(await log.append('main', append)).toStrictEqual({ type: 'appended', entry });
    expect(mock.commandCalls(GetItemCommand)).toHaveLength(0);
  });

  it('conflicts when the failed condition shows the entry of another, and gives that', async () => {
    const { mock, log } = setUp();
    mock.on(PutItemCommand).rejects(conditionFailed('theirs'));
    expect(await log.append('main', append)).toStrictEqual({ type: 'conflict', entry: { ...entry, writer: 'theirs' } });
    expect(mock.commandCalls(PutItemCommand)).toHaveLength(1);
    expect(mock.commandCalls(GetItemCommand)).toHaveLength(0);
  });

  for (const [writer, want] of [
    ['ours', { type: 'appended', entry }],
    ['theirs', { type: 'conflict', entry: { ...entry, writer: 'theirs' } }],
  ] as const) {
    it(`reads what is there when the failed condition does not show it: ${writer}`, async () => {
      const { mock, log } = setUp();
      mock.on(PutItemCommand).rejects(conditionFailed());
      mock.on(GetItemCommand).resolves({ Item: itemOf({ ...entry, writer }) });
      expect(await log.append('main', append)).toStrictEqual(want);
      const [get] = mock.commandCalls(GetItemCommand);
      expect(get!.args[0].input).toMatchObject({ Key: { cluster: { S: 'main' }, offset: { N: '5' } }, ConsistentRead: true });
    });
  }

  it('is LogUnavailable when what made the condition fail can not be read', async () => {
    const { mock, log } = setUp({ attempts: 2 });
    mock.on(PutItemCommand).rejects(conditionFailed());
    mock.on(GetItemCommand).rejectsOnce(failures.throttled()).rejectsOnce(failures.throttled()).resolves({});
    await expect(log.append('main', append)).rejects.toBeInstanceOf(LogUnavailable);
    await expect(log.append('main', append)).rejects.toThrow('the entry at 5 of main was there and is gone');
  });

  it('does not repeat what DynamoDB refuses', async () => {
    const { mock, log } = setUp();
    mock.on(PutItemCommand).rejects(new ResourceNotFoundException(metadata(400)));
    await expect(log.append('main', append)).rejects.toThrow(new LogUnavailable('DynamoDB refused a request: said DynamoDB'));
    expect(mock.commandCalls(PutItemCommand)).toHaveLength(1);
  });

  it('lets a bug through as what it is', async () => {
    const { mock, log } = setUp();
    mock.on(PutItemCommand).rejects(new TypeError('x is not a function'));
    await expect(log.append('main', append)).rejects.toBeInstanceOf(TypeError);
  });

  it('is one request, and a second one for the first entry of a cluster', async () => {
    const { mock, log } = setUp();
    mock.on(PutItemCommand).resolves({});
    await log.append('main', append);
    expect(mock.calls()).toHaveLength(1);
    await log.append('main', { ...append, after: 0 });
    expect(mock.calls()).toHaveLength(3);
    const partitions = mock.commandCalls(PutItemCommand).map((call) => (call.args[0].input as PutItemCommandInput).Item!['cluster']!.S);
    expect(partitions).toStrictEqual(['main', '#clusters', 'main']);
  });

  it('removes the parts of a large object when the race is lost, and says so even when that fails', async () => {
    const { mock, log } = setUp({ attempts: 1 });
    const large: Append = { ...append, events: [{ type: 'DELETED', key: 'configmaps/default/a', actor: userNamed(randomBytes(600_000).toString('base64')) }] };
    mock.on(PutItemCommand).callsFake((input: PutItemCommandInput) => {
      if (input.ConditionExpression) throw conditionFailed('theirs');
      return {};
    });
    mock.on(DeleteItemCommand).rejects(failures.throttled());
    expect((await log.append('main', large)).type).toBe('conflict');
    mock.on(DeleteItemCommand).resolves({});
    expect((await log.append('main', large)).type).toBe('conflict');
    const parts = mock.commandCalls(PutItemCommand).filter((call) => call.args[0].input.Item!['cluster']!.S === 'main#parts#5#ours').length / 2;
    expect(parts).toBe(2);
    // The one that failed; then the parts, and their note.
    expect(mock.commandCalls(DeleteItemCommand)).toHaveLength(1 + parts + 1);
  });
});

describe('read', () => {
  const second: LogEntry = { ...entry, offset: 6, events: [...entry.events, ...entry.events], writer: 'b' };
  const third: LogEntry = { ...entry, offset: 8, writer: 'c' };

  it('goes on with the page that failed, and takes every page', async () => {
    const { mock, log } = setUp();
    mock
      .on(QueryCommand)
      .resolvesOnce({ Items: [itemOf(entry)], LastEvaluatedKey: { offset: { N: '5' } } })
      .rejectsOnce(failures.throttled())
      .rejectsOnce(failures['partly unavailable']())
      .resolvesOnce({ Items: [], LastEvaluatedKey: { offset: { N: '5' } } })
      .resolvesOnce({ Items: [itemOf(second), itemOf(third)] });
    expect(await all(log.read('main', { after: 4 }))).toStrictEqual([entry, second, third]);
    const queries = mock.commandCalls(QueryCommand).map((call) => call.args[0].input);
    expect(queries.every((query) => query.ConsistentRead)).toBe(true);
    expect(queries.map((query) => query.ExclusiveStartKey?.['offset']?.N)).toStrictEqual([undefined, '5', '5', '5', '5']);
  });

  it('is LogUnavailable when DynamoDB does not answer, after what was read', async () => {
    const { mock, log } = setUp({ attempts: 2 });
    mock
      .on(QueryCommand)
      .resolvesOnce({ Items: [itemOf(entry)], LastEvaluatedKey: { offset: { N: '5' } } })
      .rejects(failures['failed inside']());
    const seen: LogEntry[] = [];
    await expect(all(log.read('main', { after: 4 }), seen)).rejects.toBeInstanceOf(LogUnavailable);
    expect(seen).toStrictEqual([entry]);
  });

  it('reads again when a page lacks an entry that came while it was read', async () => {
    const { mock, log } = setUp();
    mock
      .on(QueryCommand)
      .resolvesOnce({ Items: [itemOf(entry), itemOf(third)] })
      .resolvesOnce({ Items: [itemOf(second), itemOf(third)] });
    expect(await all(log.read('main', { after: 4 }))).toStrictEqual([entry, second, third]);
    expect(mock.commandCalls(QueryCommand)[1]!.args[0].input.ExpressionAttributeValues![':after']).toStrictEqual({ N: '5' });
  });

  it('does not step over an entry that is missing', async () => {
    const { mock, log } = setUp();
    mock
      .on(QueryCommand)
      .resolvesOnce({ Items: [itemOf(entry), itemOf(third)] })
      .resolves({ Items: [itemOf(third)] });
    const seen: LogEntry[] = [];
    await expect(all(log.read('main', { after: 4 }), seen)).rejects.toThrow(new EntriesMissing('main has later entries, but none at 6'));
    expect(seen).toStrictEqual([entry]);
  });
});

describe('tail', () => {
  it('looks less and less often while nothing comes, and at once again after news', async () => {
    const cancel = new AbortController();
    const { mock, log, slept } = setUp({ onSleep: (count) => count === 12 && cancel.abort() });
    let looks = 0;
    mock.on(QueryCommand).callsFake(() => ({ Items: ++looks === 10 ? [itemOf(entry)] : [] }));
    expect(await all(log.tail('main', { after: 4, signal: cancel.signal }))).toStrictEqual([entry]);
    expect(slept.map(Math.round)).toStrictEqual([100, 150, 225, 338, 506, 759, 1139, 1709, 2000, 100, 150, 225]);
  });

  it('outlives a passing failure, and ends with LogUnavailable when it lasts', async () => {
    const { mock, log } = setUp({ attempts: 3 });
    mock
      .on(QueryCommand)
      .rejectsOnce(failures.throttled())
      .resolvesOnce({ Items: [itemOf(entry)] })
      .rejects(failures['out of reach']());
    const seen: LogEntry[] = [];
    await expect(all(log.tail('main', { after: 4, signal: new AbortController().signal }), seen)).rejects.toBeInstanceOf(LogUnavailable);
    expect(seen).toStrictEqual([entry]);
  });
});

describe('snapshots', () => {
  const [old, chunk] = [Uint8Array.of(1), Uint8Array.of(1, 2)].map((bytes) => ({ ...chunkOf(bytes), bytes }));
  const head = (offset: number, state: string) => ({
    cluster: { S: 'main#snapshots' },
    offset: { N: String(offset) },
    time: { N: '1' },
    pieces: { N: '1' },
    id: { S: `id-${offset}` },
    state: { S: `${state} id-${offset}` },
  });
  const piece = ({ bytes: _, ...of }: typeof chunk) => ({ offset: { N: '0' }, payload: { B: encodeManifest([of]) } });
  const ofPartition = (partition: string) => ({ ExpressionAttributeValues: { ':cluster': { S: partition } } });
  const ofChunk = ({ name }: typeof chunk) => ({ Key: { cluster: { S: `#chunk#${name}` }, offset: { N: '0' } } });

  it('looks consistently for what the cheap read lacks, and takes the next older snapshot when something is gone', async () => {
    const { mock, log } = setUp();
    mock.on(QueryCommand).resolves({ Items: [head(40, 'saving'), head(30, 'removing'), head(20, 'complete'), head(10, 'complete')] });
    mock.on(QueryCommand, ofPartition('main#snapshot#id-20')).resolves({ Items: [piece(old)] });
    mock.on(GetItemCommand, ofChunk(old)).resolves({});
    mock.on(QueryCommand, { ...ofPartition('main#snapshot#id-10'), ConsistentRead: false }).resolves({ Items: [] });
    mock.on(QueryCommand, { ...ofPartition('main#snapshot#id-10'), ConsistentRead: true }).resolves({ Items: [piece(chunk)] });
    mock.on(GetItemCommand, { ...ofChunk(chunk), ConsistentRead: false }).resolves({});
    mock.on(GetItemCommand, { ...ofChunk(chunk), ConsistentRead: true }).resolves({ Item: { payload: { B: chunk.bytes } } });
    expect(plainLoaded(await log.loadSnapshot('main'))).toStrictEqual(plain({ offset: 10, time: 1, chunks: [chunk.bytes] }));
  });

  it('removes one of the format in which each had its chunks for itself, and does not read it', async () => {
    const { mock, log } = setUp();
    const { state: _, ...older } = head(20, '');
    mock.on(QueryCommand).resolves({ Items: [older] });
    mock.on(GetItemCommand).resolves({});
    mock.on(PutItemCommand).resolves({});
    mock.on(DeleteItemCommand).resolves({});
    expect(await log.loadSnapshot('main')).toBeUndefined();
    expect(await log.snapshots('main')).toStrictEqual([]);
    await save(log, 'main', { offset: 30, time: 2, chunks: [chunk.bytes] });
    expect(mock.commandCalls(DeleteItemCommand).map(({ args }) => args[0].input.Key)).toStrictEqual([
      { cluster: { S: 'main#snapshot#id-20' }, offset: { N: '0' } },
      { cluster: { S: 'main#snapshots' }, offset: { N: '20' } },
    ]);
  });
});

describe('clusters', () => {
  it('finds another number for a name whose number is taken', async () => {
    const { mock, log } = setUp();
    const taken: string[] = [];
    mock.on(PutItemCommand).callsFake((input: PutItemCommandInput) => {
      if (input.Item!['cluster']!.S === '#clusters' && taken.push(input.Item!['offset']!.N!) < 3) throw conditionFailed();
      return {};
    });
    await log.append('main', { ...append, after: 0 });
    expect(taken.map((offset) => Number(offset) - Number(taken[0]))).toStrictEqual([0, 1, 2]);
  });

  it('cannot have a name that would reach into other partitions', async () => {
    const { log } = setUp();
    await expect(log.append('main#snapshots', append)).rejects.toThrow('"main#snapshots" cannot be a cluster\'s name');
    await expect(log.append('', append)).rejects.toThrow("cannot be a cluster's name");
  });
});

describe('the time that a request may take', () => {
  it('ends one that a server never answers', async () => {
    let requests = 0;
    const server = createServer(() => requests++).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 });
    // The time of a request is over once the server has it, however long that takes here.
    const over = () => once(server, 'request').then(() => undefined);
    const clock = { ...systemEnv.clock, sleep: (ms: number) => (ms === TIMEOUT_MS ? over() : Promise.resolve()) };
    const log = dynamodbLog({ client, table: 'logplane', env: { ...systemEnv, clock }, timeoutMs: TIMEOUT_MS, attempts: 3 });
    await expect(log.append('main', append)).rejects.toBeInstanceOf(LogUnavailable);
    expect(requests).toBe(3);
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
});

it('reports the capacity that every request consumed', async () => {
  const consumed: unknown[] = [];
  const { mock, log } = setUp({ onConsumed: (units) => consumed.push(units) });
  mock.on(PutItemCommand).resolves({ ConsumedCapacity: { CapacityUnits: 2 } });
  mock.on(QueryCommand).resolves({ Items: [], ConsumedCapacity: { CapacityUnits: 0.5 } });
  await log.append('main', append);
  await all(log.read('main', { after: 5 }));
  expect(consumed).toStrictEqual([{ write: 2 }, { read: 0.5 }]);
  for (const call of mock.calls()) expect(call.args[0].input).toMatchObject({ TableName: 'logplane', ReturnConsumedCapacity: 'TOTAL' });
});

const TIMEOUT_MS = 40;

interface SetUp {
  attempts?: number;
  onSleep?: (count: number) => void;
  onConsumed?: (units: { read?: number; write?: number }) => void;
}

/** A log on a mocked client. Waiting takes no time and is noted; only a request's time-out never comes. */
function setUp({ attempts = 8, onSleep, onConsumed }: SetUp = {}) {
  const client = new DynamoDBClient({ region: 'us-east-1' });
  const slept: number[] = [];
  const random = { next: () => 0.5 };
  const env: Env = {
    clock: {
      now: () => realInstant(0),
      elapsed: () => elapsedAt(0),
      turn: async () => {},
      sleep: (ms) => {
        if (ms === 3_000) return new Promise(() => {});
        slept.push(ms);
        onSleep?.(slept.length);
        return new Promise((resolve) => setImmediate(resolve));
      },
    },
    random,
    ids: idsFrom(random),
  };
  return { mock: mockClient(client), slept, log: dynamodbLog({ client, table: 'logplane', env, attempts, onConsumed }) };
}

const named = (name: string, fields: object = {}) => Object.assign(new Error(name), { name, ...fields });

const itemOf = (of: LogEntry) => ({ cluster: { S: 'main' }, offset: { N: String(of.offset) }, writer: { S: of.writer }, payload: { B: encodeEntry(of) } });

async function all(entries: AsyncIterable<LogEntry>, into: LogEntry[] = []): Promise<LogEntry[]> {
  for await (const one of entries) into.push(one);
  return into;
}
