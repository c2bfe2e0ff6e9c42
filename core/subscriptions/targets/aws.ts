import { createHash } from 'node:crypto';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { CloudEvent } from 'cloudevents';
import { HTTP } from 'cloudevents';
import type { TargetSpec } from '../../apis/logplane/subscription.ts';
import { type Delivery, NotTaken, type Target } from '../target.ts';

/** Clients of AWS, each made when it is first needed: most deployments need none of them. */
export interface AwsClients {
  readonly sqs: () => Promise<SQSClient>;
  readonly sns: () => Promise<SNSClient>;
  readonly eventBridge: () => Promise<EventBridgeClient>;
  readonly lambda: () => Promise<LambdaClient>;
}

/**
 * Targets of AWS. What they take is a CloudEvent as JSON (CloudEvents, "JSON Event Format"); one of more than 256 KB is told with a reference in the place of its data. The group of a message
 * in FIFO queues and topics is its object, and the event's id keeps them from having it twice.
 */
export function awsTargets(clients: AwsClients): { readonly [name in keyof Omit<TargetSpec, 'webhook'>]-?: (target: NonNullable<TargetSpec[name]>) => Target } {
  return {
    sqs: ({ queueUrl }) => ({
      async deliver(delivery, abortSignal) {
        const { SendMessageCommand } = await import('@aws-sdk/client-sqs');
        const fifo = queueUrl.endsWith('.fifo') ? fifoOf(delivery) : {};
        await (await clients.sqs()).send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: textOf(delivery), ...fifo }), { abortSignal });
      },
    }),
    sns: ({ topicArn }) => ({
      async deliver(delivery, abortSignal) {
        const { PublishCommand } = await import('@aws-sdk/client-sns');
        const fifo = topicArn.endsWith('.fifo') ? fifoOf(delivery) : {};
        const { type, kind } = delivery.event as CloudEvent<unknown> & { kind: string };
        const attributes = { type: { DataType: 'String', StringValue: type }, kind: { DataType: 'String', StringValue: kind } };
        const command = new PublishCommand({ TopicArn: topicArn, Message: textOf(delivery), MessageAttributes: attributes, ...fifo });
        await (await clients.sns()).send(command, { abortSignal });
      },
    }),
    eventBridge: ({ eventBusName }) => ({
      async deliver(delivery, abortSignal) {
        const { PutEventsCommand } = await import('@aws-sdk/client-eventbridge');
        const { source, type, subject = '', time } = delivery.event;
        const entry = {
          EventBusName: eventBusName,
          Source: `logplane${source.replaceAll('/', '.')}`,
          DetailType: type,
          Resources: [subject],
          ...(time !== undefined && { Time: new Date(time) }),
          Detail: textOf(delivery, EVENT_BRIDGE_BYTES),
        };
        const { FailedEntryCount = 0, Entries = [] } = await (await clients.eventBridge()).send(new PutEventsCommand({ Entries: [entry] }), { abortSignal });
        if (FailedEntryCount > 0) throw new NotTaken(`${Entries[0]?.ErrorCode}: ${Entries[0]?.ErrorMessage}`);
      },
    }),
    lambda: ({ functionName }) => ({
      async deliver(delivery, abortSignal) {
        const { InvokeCommand } = await import('@aws-sdk/client-lambda');
        const command = new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload: Buffer.from(textOf(delivery)) });
        await (await clients.lambda()).send(command, { abortSignal });
      },
    }),
  };
}

/** What SQS, SNS and an asynchronous invocation take at least (Amazon SQS Developer Guide and AWS Lambda Developer Guide, "Quotas"). */
const MESSAGE_BYTES = 256 * 1_024;
/** The same of an entry of EventBridge, with its other fields beside it (EventBridge User Guide, "Calculating PutEvents event entry size"). */
const EVENT_BRIDGE_BYTES = MESSAGE_BYTES - 4_096;

function textOf({ event, reference }: Delivery, limit = MESSAGE_BYTES): string {
  const whole = structured(event);
  return Buffer.byteLength(whole) <= limit ? whole : structured(reference());
}

const structured = (event: CloudEvent<unknown>): string => HTTP.structured(event).body as string;

/** Groups and ids have at most 128 characters. */
const fifoOf = ({ event, object }: Delivery) => ({
  MessageGroupId: createHash('sha256').update(object).digest('hex'),
  MessageDeduplicationId: event.id.slice(-128),
});
