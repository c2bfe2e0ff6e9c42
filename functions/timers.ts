import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Delayed } from '../core/reconcile/sqs-queues.ts';
import { wire } from './wiring.ts';

const { queues, problem } = wire();

/** Passes wake-ups on whose time has come, and holds those back for another while whose time is further off than SQS can delay. */
export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  const failed = await Promise.all(
    Records.map(async (record) => {
      try {
        await pass(record);
        return [];
      } catch (error) {
        problem(`a timer was not passed on: ${record.body}`, error);
        return [{ itemIdentifier: record.messageId }];
      }
    }),
  );
  return { batchItemFailures: failed.flat() };
}

async function pass({ body, messageId }: SQSRecord): Promise<void> {
  const delayed = JSON.parse(body) as Delayed;
  if (delayed.delayMs > 0) return queues.wakeIn(delayed);
  // The id is not the time: a runner that ran too early, by its own clock, asks for the same time again, which is no repetition.
  await queues.wake(delayed.cluster, delayed.reconciler, messageId);
}
