import { type AttributeValue, DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemEnv } from '../../core/env.ts';
import { dynamodbLog } from '../../core/log/dynamodb/dynamodb-log.ts';
import { keyAt } from '../../core/log/dynamodb/keys.ts';
import { contentsOf, grants } from '../infra/grants.ts';
import { type AwsHost, startAwsHost } from './aws-host.ts';
import type { FunctionName } from './bundles.ts';
import { create } from './requests.ts';

const CLUSTERS = '/clusters/root/apis/logplane.dev/v1/clusters';

describe('the status of a cluster', () => {
  let host: AwsHost;
  let log: string;
  let end: number;

  beforeAll(async () => {
    // Nothing but the test wakes the workers once the cluster has come to rest.
    host = await startAwsHost({ stream: false, maxReceives: 3, cutFastPath: true });
    await create(host, CLUSTERS, { apiVersion: 'logplane.dev/v1', kind: 'Cluster', metadata: { name: 'lab' }, spec: { nodes: 0 } });
    await create(host, '/clusters/lab/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
    const own = dynamodbLog({ client: host.client, table: 'log', env: systemEnv });
    log = (await own.branches.get('lab'))!.log;
    const last = await own.lastEntry(log, { atMost: Number.MAX_SAFE_INTEGER });
    end = last!.offset + last!.events.length - 1;
  });
  afterAll(() => host.close());

  const status = async () => ((await (await host.fetch(`${CLUSTERS}/lab`)).json()) as { status: { offset?: number; reconcilers?: object[] } }).status;
  const failing = async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const table = (await (await host.fetch(`${CLUSTERS}/lab`, { headers: { accept } })).json()) as {
      columnDefinitions: { name: string }[];
      rows: { cells: unknown[] }[];
    };
    return table.rows[0]!.cells[table.columnDefinitions.findIndex(({ name }) => name === 'Failing')];
  };
  const wake = (worker: 'scheduler' | 'nodes', receives = 1) => host.lambdas[worker].invoke({ Records: [record('lab', receives)] });
  const isFailed = (answer: unknown) => (answer as { batchItemFailures: unknown[] }).batchItemFailures.length > 0;
  const damage = { Key: keyAt('', 0) as Record<string, AttributeValue> };
  const breakLog = async () => {
    damage.Key = keyAt(log, end + 1);
    await host.client.send(
      new PutItemCommand({ TableName: 'log', Item: { ...damage.Key, writer: { S: 'nobody' }, payload: { B: Buffer.from('not an entry') } } }),
    );
  };
  const mendLog = () => host.client.send(new DeleteItemCommand({ TableName: 'log', ...damage }));
  /** What was asked of the notes of failures. */
  async function asked(work: () => Promise<unknown>): Promise<string[]> {
    const before = host.calls.length;
    await work();
    const calls = host.calls.slice(before).filter(({ caller }) => caller !== 'api');
    return calls
      .filter((call) => partitionOf(call.input)?.endsWith('#failures'))
      .map(({ operation, input }) => `${operation} ${input.Item?.error.S ?? ''}`.trim());
  }

  it('says nothing of a worker that does what it should, which costs one look of a process', async () => {
    expect(await asked(() => wake('scheduler'))).toEqual(['GetItem']);
    expect(await asked(() => wake('scheduler'))).toEqual([]);
    const { offset, reconcilers } = await status();
    expect([offset, reconcilers, await failing()]).toEqual([end, undefined, '<none>']);
  });

  it('says with what one fails, since when, how often, and when its wake-up is put aside', async () => {
    await breakLog();
    await host.lambdas.api.recycle();
    expect(isFailed(await wake('scheduler'))).toBe(true);
    const first = await status();
    expect(first.reconcilers).toEqual([{ name: 'scheduler', error: expect.stringMatching(/entry/), since: expect.stringMatching(/Z$/), attempts: 1 }]);
    // Its log cannot be read; that is no reason to say nothing of it, nor of the others in a list.
    expect(first.offset).toBeUndefined();
    expect((await host.fetch(CLUSTERS)).status).toBe(200);
    expect(await failing()).toBe('scheduler');
    await host.lambdas.scheduler.recycle();
    await wake('scheduler', 2);
    expect((await status()).reconcilers).toEqual([{ ...first.reconcilers![0], attempts: 2 }]);
    await wake('scheduler', 3);
    expect((await status()).reconcilers).toEqual([{ ...first.reconcilers![0], attempts: 3, deadLettered: true }]);
  });

  it('goes on saying so while later wake-ups fail, of each worker for itself', async () => {
    await wake('nodes');
    await wake('scheduler');
    expect((await status()).reconcilers).toMatchObject([
      { name: 'nodes', attempts: 1 },
      { name: 'scheduler', attempts: 4, deadLettered: true },
    ]);
  });

  it('says nothing more when the next run is done, in whichever process', async () => {
    await mendLog();
    expect(await asked(() => wake('scheduler'))).toEqual(['GetItem', 'DeleteItem']);
    expect((await status()).reconcilers).toMatchObject([{ name: 'nodes' }]);
    await host.lambdas.nodes.recycle();
    await wake('nodes');
    expect((await status()).reconcilers).toBeUndefined();
    expect(await asked(() => wake('scheduler'))).toEqual([]);
  });

  it('says that a run has not ended, from the next attempt on, which may not end either', async () => {
    const unended = 'PutItem a run has not ended: it took too long, or its process died';
    expect(await asked(() => wake('scheduler', 2))).toEqual(['GetItem', unended, 'GetItem', 'DeleteItem']);
    expect((await status()).reconcilers).toBeUndefined();
  });

  it('is found out with what the functions are granted', () => {
    const noted = host.calls.filter(({ caller, input }) => caller in grants && partitionOf(input)?.endsWith('#failures'));
    for (const { caller, operation, input } of noted)
      expect(grants[caller as FunctionName]).toContain(`dynamodb:${operation} LogTable/${contentsOf(partitionOf(input)!)}`);
    expect(new Set(noted.map(({ caller }) => caller))).toEqual(new Set(['api', 'scheduler', 'nodes']));
  });
});

// biome-ignore lint/suspicious/noExplicitAny: the input of any request
const partitionOf = (input: any): string | undefined => (input.Key ?? input.Item)?.cluster?.S ?? input.ExpressionAttributeValues?.[':cluster']?.S;

const record = (cluster: string, receives: number) => ({
  messageId: 'm',
  receiptHandle: 'r',
  body: cluster,
  attributes: { ApproximateReceiveCount: String(receives), MessageGroupId: cluster },
});
