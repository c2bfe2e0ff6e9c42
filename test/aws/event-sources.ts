import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBRecord, SQSBatchResponse, SQSRecord } from 'aws-lambda';
import type { Lambda } from './lambda.ts';

export interface QueueSource {
  readonly client: SQSClient;
  readonly url: string;
  readonly name: string;
  readonly lambda: Lambda;
  readonly signal: AbortSignal;
}

/**
 * What Lambda does for a queue that a function is subscribed to (AWS Lambda Developer Guide, "Using Lambda with Amazon SQS"): receives up to ten messages,
 * invokes, deletes what did not fail. What failed stays, and comes back when its visibility time-out ends.
 */
export async function pollQueue({ client, url, name, lambda, signal }: QueueSource): Promise<void> {
  while (!signal.aborted) {
    try {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 20, MessageSystemAttributeNames: ['All'] }),
        { abortSignal: signal },
      );
      if (Messages.length === 0) continue;
      const failed = await failuresOf(lambda, name, Messages);
      const Entries = Messages.filter(({ MessageId }) => !failed.has(MessageId!)).map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId!, ReceiptHandle }));
      if (Entries.length > 0) await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }), { abortSignal: signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

async function failuresOf(lambda: Lambda, queue: string, messages: readonly Message[]): Promise<Set<string>> {
  const all = new Set(messages.map(({ MessageId }) => MessageId!));
  try {
    const answer = (await lambda.invoke({ Records: messages.map((message) => recordOf(message, queue)) })) as SQSBatchResponse;
    const failed = answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    // An identifier that is not of the batch makes the whole batch a failure.
    return failed.every((id) => all.has(id)) ? new Set(failed) : all;
  } catch {
    return all;
  }
}

const recordOf = ({ MessageId, ReceiptHandle, Body, MD5OfBody, Attributes }: Message, queue: string): SQSRecord => ({
  messageId: MessageId!,
  receiptHandle: ReceiptHandle!,
  body: Body!,
  attributes: Attributes as unknown as SQSRecord['attributes'],
  messageAttributes: {},
  md5OfBody: MD5OfBody!,
  eventSource: 'aws:sqs',
  eventSourceARN: `arn:aws:sqs:eu-west-1:123456789012:${queue}`,
  awsRegion: 'eu-west-1',
});

/**
 * What Lambda does for a table's stream: collects records for a while, leaves out what the filter does not want, invokes with the rest in order, and with
 * the same again until that succeeds.
 */
export class TableStream {
  readonly #options: { lambda: Lambda; windowMs: number; signal: AbortSignal };
  readonly #seen = new Set<string>();
  #waiting: DynamoDBRecord[] = [];
  #running = false;

  constructor(options: { lambda: Lambda; windowMs: number; signal: AbortSignal }) {
    this.#options = options;
  }

  get idle(): boolean {
    return !this.#running && this.#waiting.length === 0;
  }

  /** An item that was put, in DynamoDB's JSON: the new image of a record. */
  put(item: NonNullable<DynamoDBRecord['dynamodb']>['NewImage'] & {}): void {
    const Keys = { cluster: item['cluster']!, offset: item['offset']! };
    const key = JSON.stringify(Keys);
    const eventName = this.#seen.has(key) ? 'MODIFY' : 'INSERT';
    this.#seen.add(key);
    // The filter of infra/relay.ts.
    if (eventName !== 'INSERT' || item['writer']?.S === undefined) return;
    this.#waiting.push({ eventName, eventSource: 'aws:dynamodb', dynamodb: { Keys, NewImage: item, StreamViewType: 'NEW_IMAGE' } });
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    const { lambda, windowMs, signal } = this.#options;
    this.#running = true;
    while (this.#waiting.length > 0 && !signal.aborted) {
      await sleep(windowMs);
      const batch = this.#waiting.slice(0, 1_000);
      try {
        await lambda.invoke({ Records: batch });
        this.#waiting.splice(0, batch.length);
      } catch {
        await sleep(windowMs);
      }
    }
    this.#running = false;
  }
}
