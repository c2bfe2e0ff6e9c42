import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from '@aws-sdk/client-sqs';
import type { Process, World } from './process.ts';
import type { SimulatedQueue } from './queue.ts';

/** The queues by their URLs, behind a network with faults. */
export interface FaultyQueues {
  readonly queues: ReadonlyMap<string, SimulatedQueue>;
  /** Until when they take nothing. */
  downUntil: number;
}

/** What the AWS SDK is to one process: requests to queues that take a while, fail as a whole or in part, or are not answered. */
export function queueClient({ process, world, queues }: { process: Process; world: World; queues: FaultyQueues }): SQSClient {
  const { time, faults, chance } = world;

  function perform(command: unknown): object {
    const lost = faults.strikes('answer of queue lost');
    if (faults.strikes('queue fails') || (faults.active && time.now < queues.downUntil)) throw new Error('the queue does not answer');
    const answer = carryOut(command);
    if (lost) throw new Error('the connection broke');
    return answer;
  }

  function carryOut(command: unknown): object {
    if (command instanceof SendMessageBatchCommand) {
      const { QueueUrl, Entries } = command.input;
      const [taken, refused] = faults.strikes('queue fails in part') ? divided(Entries!) : [Entries!, []];
      for (const entry of taken) send(queueOf(QueueUrl), entry);
      return { Failed: refused.map(({ Id }) => ({ Id, SenderFault: false, Code: 'InternalError' })) };
    }
    if (command instanceof ChangeMessageVisibilityBatchCommand) {
      const { QueueUrl, Entries } = command.input;
      for (const { ReceiptHandle, VisibilityTimeout } of Entries!) queueOf(QueueUrl).changeVisibility(Number(ReceiptHandle), 1000 * VisibilityTimeout!);
      return { Failed: [] };
    }
    throw new Error(`a command that these queues do not know: ${(command as object).constructor.name}`);
  }

  const divided = (entries: readonly SendMessageBatchRequestEntry[]) => {
    const at = chance.whole(0, entries.length - 1);
    return [entries.slice(0, at), entries.slice(at)] as const;
  };

  function queueOf(url: string | undefined): SimulatedQueue {
    const queue = queues.queues.get(url ?? '');
    if (!queue) throw new Error(`there is no queue ${url}`);
    return queue;
  }

  const request = (command: unknown, { abortSignal }: { abortSignal?: AbortSignal } = {}) =>
    new Promise((resolve, reject) => {
      abortSignal?.addEventListener('abort', () => reject(new Error('Request aborted')), { once: true });
      process.request({ there: 1 + chance.exponential(3), back: 1 + chance.exponential(3), perform: () => perform(command) }).then(resolve, reject);
    });
  // SqsQueues calls nothing but `send`, and it with these two commands.
  return { send: request } as unknown as SQSClient;
}

function send(queue: SimulatedQueue, { MessageBody, MessageGroupId, MessageDeduplicationId, DelaySeconds = 0 }: SendMessageBatchRequestEntry): void {
  queue.send({
    body: MessageBody!,
    delayMs: 1000 * DelaySeconds,
    ...(MessageGroupId && { group: MessageGroupId }),
    ...(MessageDeduplicationId && { deduplicationId: MessageDeduplicationId }),
  });
}
