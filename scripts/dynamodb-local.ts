import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { systemEnv } from '../core/env.ts';
import { clusterInstant } from '../core/instant.ts';
import { userNamed } from '../core/kube/user.ts';
import { dynamodbLog } from '../core/log/dynamodb/dynamodb-log.ts';
import { isEntryPartition } from '../core/log/dynamodb/keys.ts';
import { createTable } from '../test/contract/dynamodb-table.ts';
import { save } from '../test/contract/entries.ts';

/**
 * Runs the log's contract suite, and a check of the table's stream, on the official DynamoDB Local. It needs Java 17, and fetches 56 MB from the npm
 * registry the first time; its licence forbids passing it on, so it is neither a dependency nor part of `npm test`:
 *
 *   node scripts/bootstrap.mjs scripts/dynamodb-local.ts
 */
async function main(): Promise<void> {
  const server = await start(fetchJar());
  const stop = () => server.process.kill();
  process.on('exit', stop).on('SIGINT', () => process.exit(130));
  try {
    console.log(`DynamoDB Local on ${server.endpoint}`);
    await checkStream(server.endpoint);
    const suite = spawn('vitest', ['run', 'test/contract', '-t', server.endpoint], {
      cwd: root,
      env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`, LOGPLANE_DYNAMODB_ENDPOINT: server.endpoint },
      stdio: 'inherit',
    });
    [process.exitCode] = await once(suite, 'exit');
  } finally {
    stop();
  }
}

const root = join(import.meta.dirname, '..');
const PACKAGE = 'amplify-dynamodb-simulator';
const VERSION = '2.9.30';

/** The folder with the jar, fetched when it is not there yet. */
function fetchJar(): string {
  const cache = join(root, 'node_modules/.cache/logplane', `${PACKAGE}-${VERSION}`);
  const folder = join(cache, 'package/emulator');
  if (existsSync(join(folder, 'DynamoDBLocal.jar'))) return folder;
  console.log(`Fetching ${PACKAGE} ${VERSION}`);
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  execFileSync('npm', ['pack', `${PACKAGE}@${VERSION}`, '--silent', '--ignore-scripts', '--pack-destination', cache], {
    cwd: cache,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const archive = readdirSync(cache).find((name) => name.endsWith('.tgz'));
  execFileSync('tar', ['-xzf', archive!], { cwd: cache });
  rmSync(join(cache, archive!));
  return folder;
}

async function start(folder: string): Promise<{ process: ChildProcess; endpoint: string }> {
  const port = await freePort();
  const java = spawn('java', ['-Djava.library.path=DynamoDBLocal_lib', '-jar', 'DynamoDBLocal.jar', '-inMemory', '-disableTelemetry', '-port', String(port)], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let failure: string | undefined;
  java.on('error', (error) => {
    failure = `Java cannot be started: ${error.message}`;
  });
  java.on('exit', (code) => {
    failure ??= `DynamoDB Local ended with ${code}`;
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const client = connect(endpoint);
  for (let waited = 0; waited < 60_000; waited += 100) {
    if (failure) throw new Error(failure);
    const answered = await client.send(new ListTablesCommand()).then(
      () => true,
      () => false,
    );
    if (answered) return { process: java, endpoint };
    await sleep(100);
  }
  java.kill();
  throw new Error('DynamoDB Local did not answer within a minute');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

const connect = (endpoint: string) =>
  new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1 });

/** What the relay lives on: each entry arrives on the table's stream once, in order, and can be told from the log's other records. */
async function checkStream(endpoint: string): Promise<void> {
  const client = connect(endpoint);
  const table = `stream-${randomUUID()}`;
  await createTable({ client, table });
  const log = dynamodbLog({ client, table, env: systemEnv });
  for (let after = 0; after < 6; after += 2) {
    const event = { type: 'DELETED', key: `configmaps/default/c-${after}`, actor: userNamed('stream') } as const;
    await log.append('main', { after, events: [event, event], writer: `w-${after}`, time: clusterInstant(after) });
  }
  await save(log, 'main', { offset: 6, time: 1, chunks: [new Uint8Array(10)] });

  const { Streams } = await streams(endpoint, 'ListStreams', { TableName: table });
  const { StreamDescription } = await streams(endpoint, 'DescribeStream', { StreamArn: Streams[0].StreamArn });
  const offsets: number[] = [];
  for (const { ShardId } of StreamDescription.Shards) {
    const { ShardIterator } = await streams(endpoint, 'GetShardIterator', { StreamArn: Streams[0].StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' });
    const { Records } = await streams(endpoint, 'GetRecords', { ShardIterator });
    for (const { eventName, dynamodb } of Records) {
      if (eventName === 'INSERT' && isEntryPartition(dynamodb.Keys.cluster.S)) offsets.push(Number(dynamodb.NewImage.offset.N));
    }
  }
  client.destroy();
  if (offsets.join() !== '1,3,5') throw new Error(`The stream should have brought the entries 1,3,5, and brought ${offsets}`);
  console.log('The stream brought every entry, once and in order');
}

/** One request of the DynamoDB Streams API. DynamoDB Local wants a credential, and does not check the signature. */
// biome-ignore lint/suspicious/noExplicitAny: the answer of whichever action was asked for
async function streams(endpoint: string, action: string, body: object): Promise<any> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDBStreams_20120810.${action}`,
      authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=none',
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${action} gave ${response.status}: ${await response.text()}`);
  return response.json();
}

await main();
