import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { systemEnv } from '../../core/env.ts';
import { dynamodbLog } from '../../core/log/dynamodb/dynamodb-log.ts';
import { Clusters } from '../../core/testing/clusters.ts';
import { createTable } from '../../test/contract/dynamodb-table.ts';

/** What a fork of a cluster that runs costs in writes of the table, from its object until its first request is answered and the worker of clusters has nothing to do. */
export async function forkWrites(): Promise<Record<string, number>> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1 });
  await createTable({ client, table: 'log' });
  let writes = 0;
  const send = (command: PutItemCommand) => {
    if ([PutItemCommand, DeleteItemCommand, UpdateItemCommand].some((kind) => command instanceof kind)) writes++;
    return client.send(command);
  };
  const log = dynamodbLog({ client: { send } as unknown as DynamoDBClient, table: 'log', env: systemEnv, timeoutMs: 60_000, settledMs: 3_600_000 });
  const clusters = new Clusters({ log });
  await clusters.create('lab', { nodes: 10 });
  await clusters.request('GET /clusters/lab/api/v1/nodes');
  await clusters.settle();
  writes = 0;
  await clusters.create('fork', { forkOf: { name: 'lab' } });
  const { json } = await clusters.request('GET /clusters/fork/api/v1/nodes');
  if (json.items.length !== 10) throw new Error('the fork is not like its parent');
  await clusters.settle();
  const figures = { fork_writes: writes };
  await log.close();
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
  return figures;
}
