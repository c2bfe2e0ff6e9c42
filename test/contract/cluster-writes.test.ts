import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemEnv } from '../../core/env.ts';
import { dynamodbLog } from '../../core/log/dynamodb/dynamodb-log.ts';
import { CLUSTERS_PATH, Clusters } from '../../core/testing/clusters.ts';
import { createTable } from './dynamodb-table.ts';

/** What becomes of clusters, in writes of the table (docs/clusters.md, "What it costs"): as each is a request, they are counted there. */
const server = dynalite({ createTableMs: 0 });
const table = `logplane-${randomUUID()}`;
let client: DynamoDBClient;
let clusters: Clusters;
let written: string[] = [];

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1 });
  await createTable({ client, table });
  const send = (command: PutItemCommand) => {
    if (command instanceof PutItemCommand) written.push(partitionOf(command.input.Item!['cluster']!.S!));
    if (command instanceof DeleteItemCommand) written.push(`-${partitionOf(command.input.Key!['cluster']!.S!)}`);
    return client.send(command);
  };
  const log = dynamodbLog({ client: { send } as unknown as DynamoDBClient, table, env: systemEnv, timeoutMs: 60_000, settledMs: 3_600_000 });
  clusters = new Clusters({ log });
  await clusters.create('lab', { nodes: 1 });
  await clusters.request('GET /clusters/lab/api/v1/nodes');
  await clusters.settle();
});
afterAll(async () => {
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** Without what is particular to one log. */
const partitionOf = (name: string) =>
  name
    .replace(/^([a-z0-9]+)~[^#]*/, '$1')
    .replace(/^(#chunk).*/, '$1')
    .replace(/#snapshot#.*/, '#manifest');

/** What something writes, with all that the worker does for it. */
async function writesOf(work: () => Promise<unknown>): Promise<string[]> {
  await clusters.settle();
  written = [];
  await work();
  await clusters.settle();
  return written;
}

it('a cluster is one write, and two more with its first request', async () => {
  expect(await writesOf(() => clusters.create('s1', { ttl: '1h' }))).toEqual(['root']);
  expect(await writesOf(() => clusters.request('GET /clusters/s1/api/v1/nodes'))).toEqual(['#clusters', 's1']);
});

it('a fork is two writes, whoever comes first, and none more with its first request', async () => {
  expect(await writesOf(() => clusters.create('f1', { forkOf: { name: 'lab' }, ttl: '1h' }))).toEqual(['root', '#clusters']);
  expect(await writesOf(() => clusters.request('GET /clusters/f1/api/v1/nodes'))).toEqual([]);
  const opened = async () => {
    await clusters.create('f2', { forkOf: { name: 'f1' } });
    expect((await clusters.request('GET /clusters/f2/api/v1/nodes')).json.items).toHaveLength(1);
  };
  expect(await writesOf(opened)).toEqual(['root', '#clusters']);
  expect((await clusters.object('f2')).status).toMatchObject({ phase: 'Ready', observedGeneration: 1, conditions: [{ type: 'Ready', status: 'True' }, {}] });
  clusters.restart();
  expect(await writesOf(async () => undefined)).toEqual([]);
});

it('a reset is three writes, and a snapshot', async () => {
  await clusters.request('POST /clusters/f1/api/v1/namespaces/default/configmaps', { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } } });
  const all = await writesOf(() => clusters.patch('f1', { resetTo: 'start' }));
  const snapshot = (partition: string) => /#chunk|#manifest|#snapshots|#pending/.test(partition);
  expect(all.filter((partition) => !snapshot(partition))).toEqual(['root', 'f1', 'root']);
});

it('an end is five writes, whatever the size of the cluster, and two more let its log go', async () => {
  expect(await writesOf(() => clusters.request(`DELETE ${CLUSTERS_PATH}/f2`))).toEqual(['root', 'f2', '#ended', '-#clusters', 'root', '#ended', '#ended']);
});
