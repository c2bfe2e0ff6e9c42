import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { CloudEvent } from 'cloudevents';
import { startFauxqs } from 'fauxqs';
import { describe, expect, it } from 'vitest';
import type { TargetSpec } from '../../apis/logplane/subscription.ts';
import type { Delivery } from '../target.ts';
import { awsTargets } from './aws.ts';

describe('a queue', () => {
  it('gets an event once, in the group of its object', async () => {
    // Tests share a process, and another one has the class mocked.
    mockClient(SQSClient).restore();
    const server = await startFauxqs({ port: 0, logger: false });
    const client = new SQSClient({ endpoint: server.address, region: 'eu-west-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
    try {
      const { QueueUrl: queueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: 'changes.fifo', Attributes: { FifoQueue: 'true' } }));
      const target = targets({ sqs: client }).sqs({ queueUrl });
      for (const delivery of [delivered('1'), delivered('1'), delivered('2')]) await target.deliver(delivery, signal);
      const { ready } = server.inspectQueue('changes.fifo')!.messages;
      expect(ready.map(({ body }) => JSON.parse(body).id)).toEqual(['1', '2']);
      expect(new Set(ready.map(({ messageGroupId }) => messageGroupId)).size).toBe(1);
    } finally {
      client.destroy();
      await server.stop();
    }
  });
});

describe('EventBridge', () => {
  const client = mockClient(EventBridgeClient);

  it('gets an event, with where it comes from and what it is', async () => {
    client.reset();
    client.on(PutEventsCommand).resolves({ FailedEntryCount: 0 });
    await deliver({ eventBridge: { eventBusName: 'bus' } }, delivered('1'));
    const [entry] = client.commandCalls(PutEventsCommand)[0]!.args[0].input.Entries!;
    expect(entry).toMatchObject({ EventBusName: 'bus', Source: 'logplane.clusters.main', DetailType: 'thing.add', Resources: ['/api/v1/things/a'] });
    expect(JSON.parse(entry!.Detail!)).toMatchObject({ id: '1', data: { a: '' } });
  });

  it('gets a reference in the place of what is too large', async () => {
    client.reset();
    client.on(PutEventsCommand).resolves({ FailedEntryCount: 0 });
    await deliver({ eventBridge: { eventBusName: 'bus' } }, delivered('1', 'x'.repeat(256 * 1024)));
    expect(JSON.parse(client.commandCalls(PutEventsCommand)[0]!.args[0].input.Entries![0]!.Detail!)).toMatchObject({ id: '1', data: { name: 'a' } });
  });

  it('has not taken an entry that failed', async () => {
    client.reset();
    client.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException', ErrorMessage: 'slowly' }] });
    await expect(deliver({ eventBridge: { eventBusName: 'bus' } }, delivered('1'))).rejects.toThrow('ThrottlingException: slowly');
  });
});

it('A topic gets an event, and attributes to filter it by', async () => {
  const client = mockClient(SNSClient).on(PublishCommand).resolves({});
  await deliver({ sns: { topicArn: 'arn:topic' } }, delivered('1'));
  expect(client.commandCalls(PublishCommand)[0]!.args[0].input).toMatchObject({
    TopicArn: 'arn:topic',
    MessageAttributes: { type: { StringValue: 'thing.add' } },
  });
});

it('A function is invoked as by an event', async () => {
  const client = mockClient(LambdaClient).on(InvokeCommand).resolves({});
  await deliver({ lambda: { functionName: 'fn' } }, delivered('1'));
  const { InvocationType, Payload } = client.commandCalls(InvokeCommand)[0]!.args[0].input;
  expect([InvocationType, JSON.parse(Buffer.from(Payload as Uint8Array).toString()).id]).toEqual(['Event', '1']);
});

const { signal } = new AbortController();
const OPTIONS = { region: 'eu-west-1' };

const targets = ({ sqs = new SQSClient(OPTIONS) } = {}) =>
  awsTargets({
    sqs: async () => sqs,
    sns: async () => new SNSClient(OPTIONS),
    eventBridge: async () => new EventBridgeClient(OPTIONS),
    lambda: async () => new LambdaClient(OPTIONS),
  });

function delivered(id: string, a = ''): Delivery {
  const event = new CloudEvent({ id, source: '/clusters/main', subject: '/api/v1/things/a', type: 'thing.add', kind: 'Thing', data: { a } });
  return { event, reference: () => event.cloneWith({ data: { name: 'a' } }, false) as CloudEvent<unknown>, object: 'things//a' };
}

async function deliver({ sns, eventBridge, lambda }: TargetSpec, delivery: Delivery): Promise<void> {
  const of = targets();
  const target = sns ? of.sns(sns) : eventBridge ? of.eventBridge(eventBridge) : of.lambda(lambda!);
  await target.deliver(delivery, signal);
}
