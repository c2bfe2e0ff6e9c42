import {
  type ConsumedCapacity,
  DeleteItemCommand,
  type DeleteItemCommandInput,
  type DynamoDBClient,
  GetItemCommand,
  type GetItemCommandInput,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import type { Env } from '../../env.ts';
import { between } from '../../instant.ts';
import { LogUnavailable } from '../log.ts';

export interface RequestOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly env: Pick<Env, 'clock' | 'random' | 'ids'>;
  /** How long one attempt may take. */
  readonly timeoutMs: number;
  /** How often a request is tried before it counts as failed. */
  readonly attempts: number;
  /** Told of each answer's consumed capacity units. A failed condition consumes too, but DynamoDB does not say how much. */
  readonly onConsumed?: ((units: { read?: number; write?: number }) => void) | undefined;
}

type WithoutTable<T> = Omit<T, 'TableName' | 'ReturnConsumedCapacity'>;

export type Requests = ReturnType<typeof requests>;

/**
 * The requests that the adapter makes of its table. A time-out, a lost connection, throttling or an error on DynamoDB's side is retried as it
 * is (every write here may be repeated), with exponential back-off and full jitter; then, and for whatever else DynamoDB refuses, they throw
 * LogUnavailable. Only a failed condition comes through as itself (`isConditionFailed`).
 */
export function requests({ client, table, env, timeoutMs, attempts, onConsumed }: RequestOptions) {
  const common = { TableName: table, ReturnConsumedCapacity: 'TOTAL' } as const;
  type Send<T> = (options: { abortSignal: AbortSignal }) => Promise<T>;

  async function retrying<T extends { ConsumedCapacity?: ConsumedCapacity | undefined }>(
    kind: 'read' | 'write',
    send: Send<T>,
    { signal, unanswered }: { signal?: AbortSignal | undefined; unanswered?: (() => void) | undefined } = {},
  ): Promise<T> {
    const begun = { wall: env.clock.now(), elapsed: env.clock.elapsed() };
    // By either clock: one may have been set back, and the other stands still while a function sleeps.
    const isLate = () => between(begun.wall, env.clock.now()) > GIVE_UP_MS || between(begun.elapsed, env.clock.elapsed()) > GIVE_UP_MS;
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await once(send, signal);
        const units = answer.ConsumedCapacity?.CapacityUnits;
        if (units !== undefined) onConsumed?.({ [kind]: units });
        return answer;
      } catch (error) {
        if (isConditionFailed(error)) throw error;
        if (!isAnswer(error)) unanswered?.();
        if (signal?.aborted) throw new LogUnavailable('the request was cancelled', { cause: error });
        if (!isPassing(error)) {
          if (isAnswer(error)) throw new LogUnavailable(`DynamoDB refused a request: ${error.message}`, { cause: error });
          throw error;
        }
        if (isLate()) throw new LogUnavailable('a request took too long to be tried again', { cause: error });
        if (attempt === attempts) throw new LogUnavailable(`DynamoDB gave no answer in ${attempts} attempts: ${error.message}`, { cause: error });
        await env.clock.sleep(env.random.next() * Math.min(BACKOFF_MS * 2 ** attempt, BACKOFF_MAX_MS), signal);
      }
    }
  }

  async function once<T>(send: Send<T>, signal?: AbortSignal): Promise<T> {
    const deadline = new AbortController();
    const answered = new AbortController();
    void env.clock.sleep(timeoutMs, answered.signal).then(() => deadline.abort());
    try {
      return await send({ abortSignal: signal ? AbortSignal.any([deadline.signal, signal]) : deadline.signal });
    } finally {
      answered.abort();
    }
  }

  return {
    /** A text that no other process has. */
    token: () => env.ids.uid(),
    /** `unanswered` is told of each attempt to which no answer came: that one may be done later than those after it. */
    put: (input: WithoutTable<PutItemCommandInput>, unanswered?: () => void) =>
      retrying('write', (options) => client.send(new PutItemCommand({ ...common, ...input }), options), { unanswered }),
    get: (input: WithoutTable<GetItemCommandInput>) => retrying('read', (options) => client.send(new GetItemCommand({ ...common, ...input }), options)),
    delete: (input: WithoutTable<DeleteItemCommandInput>) =>
      retrying('write', (options) => client.send(new DeleteItemCommand({ ...common, ...input }), options)),
    /** All pages of a query, each fetched when the one before is used up. */
    async *query(input: WithoutTable<QueryCommandInput>, signal?: AbortSignal): AsyncGenerator<NonNullable<QueryCommandOutput['Items']>> {
      let from: QueryCommandOutput['LastEvaluatedKey'];
      do {
        const page = await retrying(
          'read',
          (options) => client.send(new QueryCommand({ ...common, ...input, ...(from && { ExclusiveStartKey: from }) }), options),
          { signal },
        );
        yield page.Items ?? [];
        from = page.LastEvaluatedKey;
      } while (from);
    },
  };
}

// The first retry comes after at most 100 ms, the last of eight attempts after about 3 s on average.
const BACKOFF_MS = 50;
const BACKOFF_MAX_MS = 2_000;

interface AwsError extends Error {
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { httpStatusCode?: number };
  readonly code?: string;
}

export const isConditionFailed = (error: unknown): boolean => (error as AwsError).name === 'ConditionalCheckFailedException';

/** Whether DynamoDB itself said no, so that trying again changes nothing. */
const isAnswer = (error: unknown): error is AwsError => (error as AwsError).$fault !== undefined;

/** Whether trying again may help (Amazon DynamoDB Developer Guide, "Error handling with DynamoDB"); a time-out's request may have been done all the same. */
function isPassing(error: unknown): error is AwsError {
  const { name, code, $metadata, $fault } = error as AwsError;
  return PASSING.has(name) || (code !== undefined && PASSING.has(code)) || $fault === 'server' || ($metadata?.httpStatusCode ?? 0) >= 500;
}

/** An append that is tried again much later could find its place empty, as old entries may be deleted (replica/retention.ts). */
const GIVE_UP_MS = 60_000;

const PASSING = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'InternalServerError',
  'ServiceUnavailable',
  'ReplicatedWriteConflictException',
  // The SDK's own time-out, and ours through its abort signal.
  'TimeoutError',
  'AbortError',
  // Node's: the connection was refused, or broke before the answer was there.
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
