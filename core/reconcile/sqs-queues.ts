import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from '@aws-sdk/client-sqs';
import type { Env } from '../env.ts';
import { type RealDelay, realDelay } from '../instant.ts';
import { clusterOfLog } from '../log/branches.ts';
import type { Offset } from '../log/event.ts';

interface SqsQueuesOptions {
  readonly client: SQSClient;
  readonly env: Env;
  /** The URL of each reconciler's FIFO queue, by the reconciler's name. */
  readonly wakeups: Readonly<Record<string, string>>;
  /** The same of workers that few changes are for: who knows the state of a cluster wakes them by name. */
  readonly occasional?: Readonly<Record<string, string>>;
  /** The URL of the standard queue that holds wake-ups back. */
  readonly delayed: string;
  /** How long one attempt of a request may take; 1,000 ms unless told. */
  readonly timeoutMs?: number;
  /** How often a request is tried; 3 times unless told. */
  readonly attempts?: number;
}

/** A wake-up that is held back for so long: the body of a message of the delay queue. No point in time: clocks differ, and are set. */
export interface Delayed {
  readonly cluster: string;
  readonly reconciler: string;
  readonly delayMs: RealDelay;
}

interface WakeOptions {
  /** The worker that writes, and goes on by itself. */
  readonly except?: string | undefined;
  /** Of the occasional ones, those that are woken too. */
  readonly also?: readonly string[];
}

/** A message that was received, and how often by now. */
interface Received {
  readonly receipt: string;
  readonly receives: number;
}

/**
 * The queues of a deployment, and what is sent to them. A FIFO queue takes one deduplication id once in five minutes (Amazon SQS Developer Guide,
 * "Exactly-once processing"), so that what the writer and the relay both send for one append costs one run.
 * Everything rejects when SQS did not take it, after a few attempts.
 */
export class SqsQueues {
  readonly #options: SqsQueuesOptions;

  constructor(options: SqsQueuesOptions) {
    this.#options = options;
  }

  /**
   * Wakes the reconcilers, all but one, of the clusters that have these logs, and the named ones of those that few changes are for: one request for each queue and ten of
   * them. With each, the offset at which it now ends, or what else the wake-up is for: the second one for the same does nothing. A cluster that was begun anew has another
   * log, and is at the same offsets once more.
   */
  async wakeAll(ends: ReadonlyMap<string, Offset | string>, { except, also = [] }: WakeOptions = {}): Promise<void> {
    const messages = [...ends].map(([log, end]) => wakeup(clusterOfLog(log), `${log}:${end}`));
    const names = [...Object.keys(this.#options.wakeups), ...also].filter((name) => name !== except);
    await Promise.all(names.map((name) => this.#send(this.#queueOf(name), messages)));
  }

  /** Wakes one reconciler. `id`: what the wake-up is for; the second one of the same id does nothing. */
  async wake(cluster: string, reconciler: string, id: string): Promise<void> {
    await this.#send(this.#queueOf(reconciler), [wakeup(cluster, id)]);
  }

  /** Wakes one reconciler after a while. The message comes back after a quarter of an hour at most, with what is left of it: then it is to be sent on. */
  async wakeIn({ cluster, reconciler, delayMs }: Delayed): Promise<void> {
    const { env, delayed } = this.#options;
    if (delayMs <= 0) return this.wake(cluster, reconciler, `${cluster}:${env.ids.uid()}`);
    const seconds = Math.min(Math.ceil(delayMs / 1000), MAX_DELAY_SECONDS);
    const left: Delayed = { cluster, reconciler, delayMs: realDelay(Math.max(0, delayMs - 1000 * seconds)) };
    await this.#send(delayed, [{ MessageBody: JSON.stringify(left), DelaySeconds: seconds }]);
  }

  /**
   * Brings received wake-ups of a reconciler back 1, 4, 16, … seconds from now, by how often they were received: sooner than the visibility time-out of the
   * queue, which is as long as several runs.
   */
  async retrySoon(reconciler: string, received: readonly Received[]): Promise<void> {
    const QueueUrl = this.#queueOf(reconciler);
    const Entries = received.map(({ receipt, receives }, i) => ({
      Id: String(i),
      ReceiptHandle: receipt,
      VisibilityTimeout: Math.min(4 ** (receives - 1), MAX_RETRY_SECONDS),
    }));
    await this.#options.client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
  }

  #queueOf(reconciler: string): string {
    const { wakeups, occasional = {} } = this.#options;
    const queue = wakeups[reconciler] ?? occasional[reconciler];
    if (queue === undefined) throw new Error(`there is no reconciler ${JSON.stringify(reconciler)}`);
    return queue;
  }

  /** The names of all workers that have a queue. */
  get occasional(): readonly string[] {
    return Object.keys(this.#options.occasional ?? {});
  }

  async #send(queue: string, messages: readonly Message[]): Promise<void> {
    for (let i = 0; i < messages.length; i += BATCH) {
      await this.#sendBatch(
        queue,
        messages.slice(i, i + BATCH).map((message, n) => ({ Id: String(n), ...message })),
      );
    }
  }

  /** One batch, and again what of it failed. Sending twice is harmless: the ids of FIFO messages say so, and a timer too many costs a run. */
  async #sendBatch(QueueUrl: string, entries: SendMessageBatchRequestEntry[]): Promise<void> {
    const { client, env, timeoutMs = 1_000, attempts = 3 } = this.#options;
    let left = entries;
    let cause: unknown;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      if (attempt > 1) await env.clock.sleep(env.random.next() * 50 * 2 ** attempt);
      const answered = new AbortController();
      const deadline = new AbortController();
      void env.clock.sleep(timeoutMs, answered.signal).then(() => deadline.abort());
      try {
        const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries: left }), { abortSignal: deadline.signal });
        if (Failed.length === 0) return;
        left = left.filter(({ Id }) => Failed.some((failed) => failed.Id === Id));
        cause = Failed[0];
      } catch (error) {
        cause = error;
      } finally {
        answered.abort();
      }
    }
    throw new Error(`${left.length} of ${entries.length} messages could not be sent to ${QueueUrl}`, { cause });
  }
}

type Message = Omit<SendMessageBatchRequestEntry, 'Id'>;

const wakeup = (cluster: string, id: string): Message => ({ MessageBody: cluster, MessageGroupId: cluster, MessageDeduplicationId: id });

// Limits of Amazon SQS: messages of a batch, and DelaySeconds.
const BATCH = 10;
const MAX_DELAY_SECONDS = 900;

const MAX_RETRY_SECONDS = 300;
