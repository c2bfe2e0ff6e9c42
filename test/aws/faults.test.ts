import { type AttributeValue, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { SQSBatchResponse } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { ServiceAccountTokens } from '../../core/auth/service-account-tokens.ts';
import { realInstant } from '../../core/instant.ts';
import { keyAt, numberOfName, partsPartition, pendingPartition, registryPartition } from '../../core/log/dynamodb/keys.ts';
import { type AwsHost, type AwsHostOptions, startAwsHost } from './aws-host.ts';
import { create, deployment, json, phases, running, until, untilRunning } from './requests.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

let host: AwsHost;
const start = async (options: AwsHostOptions) => {
  host = await startAwsHost(options);
};
afterEach(() => host.close());

/** A log whose first entry cannot be read. */
async function breakCluster(cluster: string): Promise<void> {
  const put = (Item: Record<string, AttributeValue>) => host.client.send(new PutItemCommand({ TableName: 'log', Item }));
  await put({ ...keyAt(registryPartition, numberOfName(cluster)), name: { S: cluster } });
  await put({ ...keyAt(cluster, 1), writer: { S: 'nobody' }, payload: { B: Buffer.from('not an entry') } });
}

describe('wake-ups', () => {
  it('all come from the relay when the writers cannot send', async () => {
    await start({ cutFastPath: true });
    await create(host, DEPLOYMENTS, deployment('web', 3));
    await untilRunning(host, 3);
    await host.quiet();
    const sent = host.calls.filter(({ operation, input, status }) => operation === 'SendMessageBatch' && input.QueueUrl.endsWith('.fifo') && status === 200);
    expect(new Set(sent.map(({ caller }) => caller))).toEqual(new Set(['relay']));
  });

  it('that were lost altogether come when every cluster is called', async () => {
    await start({ cutFastPath: true, stream: false });
    await create(host, DEPLOYMENTS, deployment('web', 3));
    await host.quiet();
    expect(host.takeUsage().invocations).toMatchObject({ scheduler: 0, controllers: 0, nodes: 0 });
    await host.lambdas.resync.invoke({});
    // Only `resync` can send: each call brings every cluster one step on, and costs a look when there is nothing left.
    await until(async () => {
      await host.lambdas.resync.invoke({ Records: [{ Sns: { Message: 'the relay gave up' } }] });
      await host.quiet();
      return (await phases(host)).join() === running(3).join();
    });
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
    // The ConfigMap concerns no reconciler: one run each, that writes nothing.
    expect(host.takeUsage().invocations).toEqual({
      api: 1,
      scheduler: 1,
      controllers: 1,
      nodes: 1,
      clusters: 0,
      subscriptions: 0,
      timers: 0,
      relay: 1,
      resync: 0,
    });
  });

  it('name the same append, sent by the writer or by the relay, however many events it has', async () => {
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

describe('secrets that are changed', () => {
  const [old, next] = ['the-administrators-old-token', 'the-administrators-next-token'];
  const keys = ['old', 'new'].map((text) => Buffer.alloc(32, text).toString('base64')) as [string, string];
  const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  const SELF = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

  it('are good together: two tokens of administrators, and what two keys have signed', async () => {
    await start({ tokens: [next, old], signingKeys: [keys[1], keys[0]] });
    for (const token of [old, next]) expect((await host.fetch('/api/v1/nodes', as(token))).status).toBe(200);
    expect((await host.fetch('/api/v1/nodes', as(`${old} ${next}`))).status).toBe(200);
    expect((await host.fetch('/api/v1/nodes', as('the-administrators-lost-token'))).status).toBe(401);
    const account = '/api/v1/namespaces/default/serviceaccounts';
    expect(
      (await host.fetch(account, { ...json('POST', { metadata: { name: 'bob' } }), headers: { ...as(next).headers, 'content-type': 'application/json' } }))
        .status,
    ).toBe(201);
    const { metadata } = (await (await host.fetch(`${account}/bob`, as(next))).json()) as { metadata: { name: string; namespace: string; uid: string } };
    const now = Date.now();
    const issuedBy = (key: string) =>
      new ServiceAccountTokens({ key: Buffer.from(key, 'base64') }).issue({
        cluster: 'default',
        account: { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
        audiences: [],
        now: realInstant(now),
        expires: realInstant(now + 600_000),
        id: 'id',
      });
    const review = json('POST', { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' });
    const codeFor = async (key: string) => {
      const headers = { ...as(await issuedBy(key)).headers, 'content-type': 'application/json' };
      return (await host.fetch(SELF, { ...review, headers })).status;
    };
    // Until the controllers have run for the first time, there is no role that lets an account ask about itself.
    await until(async () => (await codeFor(keys[0])) === 201);
    expect([await codeFor(keys[0]), await codeFor(keys[1]), await codeFor(Buffer.alloc(32, 'none').toString('base64'))]).toEqual([201, 201, 401]);
  });

  it.each([
    { tokens: ['a-token-of-good-length', 'short'], signingKeys: undefined },
    { tokens: undefined, signingKeys: [keys[0], 'short'] },
  ])('serve nothing while one of them is too short', async ({ tokens, signingKeys }) => {
    await start({ ...(tokens && { tokens }), ...(signingKeys && { signingKeys }) });
    await expect(host.fetch('/version').then(({ status }) => status)).rejects.toThrow('a container of api died');
  });
});

describe('a large write that was cut short', () => {
  it('leaves nothing behind once its cluster is looked at again', async () => {
    await start({});
    await create(host, '/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
    await host.quiet();
    const put = (Item: Record<string, AttributeValue>) => host.client.send(new PutItemCommand({ TableName: 'log', Item }));
    // A part of what was to be the first entry, which is another writer's, and the note of it.
    const parts = partsPartition('default', 1, 'dead');
    await put({ cluster: { S: parts }, offset: { N: '0' }, payload: { B: Buffer.alloc(10) } });
    await put({
      ...{ cluster: { S: pendingPartition('default') }, offset: { N: String(numberOfName(parts)) } },
      ...{ kind: { S: 'parts' }, of: { N: '1' }, name: { S: 'dead' }, count: { N: '1' }, time: { N: '1' } },
    });
    await host.lambdas.controllers.recycle();
    await create(host, '/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' } });
    const left = async () => {
      const { Items } = await host.client.send(
        new ScanCommand({ TableName: 'log', ProjectionExpression: '#c', ExpressionAttributeNames: { '#c': 'cluster' } }),
      );
      return [...new Set(Items!.map(({ cluster }) => cluster!.S!))].filter((partition) => /#(parts|pending)/.test(partition));
    };
    await until(async () => (await left()).length === 0);
    expect(host.logs()).toBe('');
  });
});

describe('the relay', () => {
  it('is not held up by a name that no cluster has, which SQS might refuse for ever', async () => {
    await start({ stream: false });
    const names = ['Not a name', 'ü', 'a'.repeat(200), 'good', '#clusters'];
    const Records = names.map((name) => ({ eventName: 'INSERT', dynamodb: { Keys: { cluster: { S: name }, offset: { N: '1' } }, NewImage: {} } }));
    await host.lambdas.relay.invoke({ Records });
    const sent = host.calls
      .filter(({ caller }) => caller === 'relay')
      .flatMap(({ input }) => input.Entries.map((entry: { MessageBody: string }) => entry.MessageBody));
    expect(sent).toEqual(['good', 'good', 'good']);
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

  it('is a timer that cannot be read: it fails alone', async () => {
    await start({});
    const asked = Date.now();
    const answer = (await host.lambdas.timers.invoke({
      Records: [
        record('1', 'not JSON'),
        record('2', JSON.stringify({ cluster: 'default', reconciler: 'nodes', delayMs: 0 })),
        record('3', JSON.stringify({ cluster: 'default', reconciler: 'nobody', delayMs: 0 })),
        record('4', JSON.stringify({ cluster: 'default', reconciler: 'nodes', delayMs: 3_600_000 })),
      ],
    })) as SQSBatchResponse;
    expect(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(['1', '3']);
    const [delayed] = host.fauxqs.inspectQueue('delayed')!.messages.delayed;
    // Further off than a message can be delayed: as far as it can.
    expect(delayed!.delayUntil).toBeGreaterThanOrEqual(asked + 900_000);
    expect(delayed!.delayUntil).toBeLessThanOrEqual(Date.now() + 900_000);
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
