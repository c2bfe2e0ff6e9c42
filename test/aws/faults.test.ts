import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { SQSBatchResponse } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { type AwsHost, type AwsHostOptions, startAwsHost } from './aws-host.ts';
import { create, deployment, until, untilRunning } from './requests.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

let host: AwsHost;
const start = async (options: AwsHostOptions) => {
  host = await startAwsHost(options);
};
afterEach(() => host.close());

/** A log whose first entry nobody can read. */
const breakCluster = (cluster: string) =>
  host.client.send(
    new PutItemCommand({
      TableName: 'log',
      Item: { cluster: { S: cluster }, offset: { N: '1' }, writer: { S: 'nobody' }, payload: { B: Buffer.from('not an entry') } },
    }),
  );

describe('wake-ups', () => {
  it('all come from the relay when the writers cannot send', async () => {
    await start({ cutFastPath: true });
    await create(host, DEPLOYMENTS, deployment('web', 3));
    await untilRunning(host, 3);
    await host.quiet();
    const sent = host.calls.filter(({ operation, input, status }) => operation === 'SendMessageBatch' && input.QueueUrl.endsWith('.fifo') && status === 200);
    expect(new Set(sent.map(({ caller }) => caller))).toEqual(new Set(['relay']));
  });

  it('all come from the writers when the table has no stream', async () => {
    await start({ stream: false });
    await create(host, DEPLOYMENTS, deployment('web', 3));
    await untilRunning(host, 3);
  });

  it('that the relay sends again start no second run', async () => {
    await start({ streamWindowMs: 300 });
    await (await host.fetch('/api/v1/nodes')).text();
    await host.quiet();
    host.takeUsage();
    await create(host, '/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
    await host.quiet();
    // The ConfigMap is of no interest to anybody: one run each, that writes nothing.
    expect(host.takeUsage().invocations).toEqual({ api: 1, scheduler: 1, controllers: 1, nodes: 1, timers: 0, relay: 1 });
  });

  it('name the same append, whoever sends them, however many events it has', async () => {
    await start({});
    await create(host, DEPLOYMENTS, deployment('web', 3));
    await untilRunning(host, 3);
    await host.quiet();
    const ids = (from: (caller: string) => boolean) => {
      const sent = host.calls.filter(({ caller, operation, input }) => from(caller) && operation === 'SendMessageBatch' && input.QueueUrl.endsWith('.fifo'));
      return new Set(sent.flatMap(({ input }) => input.Entries.map((entry: { MessageDeduplicationId: string }) => entry.MessageDeduplicationId)) as string[]);
    };
    const relayed = ids((caller) => caller === 'relay');
    expect(relayed.size).toBeGreaterThan(0);
    expect([...relayed.difference(ids((caller) => caller !== 'relay'))]).toEqual([]);
  });
});

describe('a table that throttles, and goes on to', () => {
  const unavailable = { kind: 'Status', status: 'Failure', reason: 'ServiceUnavailable', code: 503, details: { retryAfterSeconds: 1 } };

  it('is 503 with Retry-After for reads, and an ERROR event for a watch that has begun', async () => {
    await start({});
    await (await host.fetch('/api/v1/nodes')).text();
    await host.quiet();
    const watch = await host.fetch('/api/v1/nodes?watch=true&resourceVersion=0&sendInitialEvents=false&resourceVersionMatch=NotOlderThan');
    const told = watch.text();
    host.throttled.table = true;
    const answers = await Promise.all(
      ['/api/v1/nodes', '/apis', '/clusters/default@1/api/v1/nodes', '/api/v1/nodes?watch=true'].map((path) => host.fetch(path)),
    );
    for (const answer of answers) {
      expect({ status: answer.status, after: answer.headers.get('retry-after') }).toEqual({ status: 503, after: '1' });
      expect(await answer.json()).toMatchObject(unavailable);
    }
    const events = (await told).trim().split('\n');
    expect(JSON.parse(events.at(-1)!)).toMatchObject({ type: 'ERROR', object: unavailable });
    host.throttled.table = false;
    expect((await host.fetch('/api/v1/nodes')).status).toBe(200);
  });
});

describe('a message that always fails', () => {
  it('ends in the dead-letter queue, and holds no other cluster up', async () => {
    await start({ maxReceives: 2 });
    await breakCluster('broken');
    await create(host, DEPLOYMENTS, deployment('web', 3));
    await untilRunning(host, 3);
    await until(() => host.fauxqs.inspectQueue('dead-wakeups.fifo')!.messages.ready.length === 3);
    const dead = host.fauxqs.inspectQueue('dead-wakeups.fifo')!.messages.ready;
    expect(dead.map((message) => message.body)).toEqual(['broken', 'broken', 'broken']);
    expect(host.logs()).toContain('scheduler failed on cluster broken CorruptEntry');
    await host.quiet();
  });

  it('fails with its whole group, and the rest of the batch does not', async () => {
    await start({});
    await breakCluster('broken');
    const answer = (await host.lambdas.controllers.invoke({
      Records: [
        record('1', 'broken'),
        record('2', 'default'),
        record('3', 'broken'),
        // There is no such cluster: nothing to do is no failure.
        record('4', 'none'),
        record('5', 'Not a name#'),
      ],
    })) as SQSBatchResponse;
    expect(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(['1', '3']);
  });

  it('is a timer that nobody can read: it fails alone', async () => {
    await start({});
    const answer = (await host.lambdas.timers.invoke({
      Records: [
        record('1', 'not JSON'),
        record('2', JSON.stringify({ cluster: 'default', reconciler: 'nodes', at: Date.now() - 1 })),
        record('3', JSON.stringify({ cluster: 'default', reconciler: 'nobody', at: 0 })),
        record('4', JSON.stringify({ cluster: 'default', reconciler: 'nodes', at: Date.now() + 3_600_000 })),
      ],
    })) as SQSBatchResponse;
    expect(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(['1', '3']);
    const [delayed] = host.fauxqs.inspectQueue('delayed')!.messages.delayed;
    // Further off than a message can be delayed: as far as it can.
    expect(delayed!.delayUntil! - Date.now()).toBeGreaterThan(890_000);
    expect(delayed!.delayUntil! - Date.now()).toBeLessThanOrEqual(900_000);
  });
});

describe('containers that end at any moment', () => {
  it('cost time and nothing else', async () => {
    await start({ visibilitySeconds: 1 });
    await create(host, DEPLOYMENTS, deployment('web', 20));
    const { scheduler, controllers, nodes, relay } = host.lambdas;
    for (let i = 0; i < 12; i++) {
      // After one more request, and two more, and so on: at ever other places of what they do.
      const before = host.calls.length;
      await until(() => host.calls.length > before + i, { timeoutMs: 500 }).catch(() => undefined);
      await [scheduler, controllers, nodes, relay][i % 4]!.recycle();
    }
    await untilRunning(host, 20);
    const pods = (await (await host.fetch('/api/v1/namespaces/default/pods')).json()) as { items: { spec: { nodeName: string }; status: { podIP: string } }[] };
    expect(new Set(pods.items.map(({ status }) => status.podIP)).size).toBe(20);
  });
});

const record = (messageId: string, body: string) => ({
  messageId,
  receiptHandle: `receipt-${messageId}`,
  body,
  attributes: { ApproximateReceiveCount: '1', MessageGroupId: body },
});
