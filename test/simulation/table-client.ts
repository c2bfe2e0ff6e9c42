import {
  DeleteItemCommand,
  type DeleteItemCommandInput,
  type DynamoDBClient,
  GetItemCommand,
  type GetItemCommandInput,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Process, World } from './process.ts';
import { ConditionFailed, type Table } from './table.ts';

/**
 * What the AWS SDK is to one process: requests to a table that take a while, fail before or after they were done, answer late, or not at
 * all. The adapter of production (core/log/dynamodb/dynamodb-log.ts) works on it.
 */
export function tableClient({ process, world, table }: { process: Process; world: World; table: FaultyTable }): DynamoDBClient {
  const send = (command: Command, { abortSignal }: { abortSignal: AbortSignal }) =>
    new Promise((resolve, reject) => {
      const cancel = () => reject(awsError('AbortError', { message: 'Request aborted' }));
      if (abortSignal.aborted) return cancel();
      abortSignal.addEventListener('abort', cancel, { once: true });
      const { isFaulty, ...handling } = table.handling(command, world);
      if (isFaulty) process.hinderedAt = world.time.now;
      process
        .request(handling)
        .then(resolve, reject)
        .finally(() => abortSignal.removeEventListener('abort', cancel));
    });
  // The adapter calls nothing but `send`, and it with these four commands.
  return { send } as unknown as DynamoDBClient;
}

type Command = { input: unknown };

/** A table behind a network, both with faults. */
export class FaultyTable {
  readonly #table: Table;
  /** Until when it does nothing. */
  downUntil = 0;
  /** It is being replaced by an older copy of itself: there is none by its name. */
  restoring = false;
  /** By cluster: until when its partitions refuse every request. */
  readonly throttledUntil = new Map<string, number>();

  constructor(table: Table) {
    this.#table = table;
  }

  /** What becomes of one request. */
  handling(command: Command, world: World): { there: number; back: number; perform: () => object; isFaulty?: boolean } {
    const { faults, chance } = world;
    const there = 1 + chance.exponential(3);
    const back = 1 + chance.exponential(3);
    const done = () => this.#do(command, world);
    const failing = (error: Error) => ({
      isFaulty: true,
      there,
      back,
      perform: () => {
        throw error;
      },
    });
    const doneThenFailing = (error: Error) => ({
      isFaulty: true,
      there,
      back,
      perform: () => {
        done();
        throw error;
      },
    });
    if (this.restoring) return failing(notFound());
    if (faults.active && world.time.now < this.downUntil) return failing(chance.happens(0.5) ? serverError() : connectionLost());
    if (faults.active && world.time.now < (this.throttledUntil.get(clusterOf(command)) ?? 0)) return failing(throttled(chance.happens(0.5)));
    if (faults.strikes('table throttles')) return failing(throttled(chance.happens(0.5)));
    if (faults.strikes('table fails')) return failing(serverError());
    if (faults.strikes('table fails when done')) return doneThenFailing(serverError());
    if (faults.strikes('request to table lost')) return chance.happens(0.5) ? failing(connectionLost()) : { ...failing(connectionLost()), there: NEVER };
    if (faults.strikes('answer of table lost'))
      return chance.happens(0.5) ? doneThenFailing(connectionLost()) : { there, back: NEVER, perform: done, isFaulty: true };
    if (faults.strikes('answer of table late')) return { there, back: chance.between(2_000, 8_000), perform: done, isFaulty: true };
    if (faults.strikes('request to table late')) return { there: chance.between(2_000, 20_000), back, perform: done, isFaulty: true };
    return { there, back, perform: done };
  }

  #do(command: Command, { faults, chance }: World): object {
    const staleBy = ({ ConsistentRead: isConsistent }: { ConsistentRead?: boolean | undefined }) =>
      !isConsistent && faults.strikes('stale read') ? chance.between(0, 2_000) : 0;
    if (command instanceof PutItemCommand) return this.#put(command.input, faults.strikes('condition without record'));
    if (command instanceof GetItemCommand) {
      const input = command.input as GetItemCommandInput;
      const item = this.#table.get(input, { staleBy: staleBy(input) });
      return item ? { Item: item } : {};
    }
    if (command instanceof DeleteItemCommand) {
      this.#table.delete(command.input as DeleteItemCommandInput);
      return {};
    }
    if (command instanceof QueryCommand) {
      const input = command.input as QueryCommandInput;
      const stale = staleBy(input);
      return this.#table.query(input, { most: faults.strikes('short page') ? chance.whole(1, 4) : 1_000, staleBy: stale });
    }
    throw new Error(`a command that this table does not know: ${command.constructor.name}`);
  }

  #put(input: PutItemCommandInput, withoutRecord: boolean): object {
    try {
      const { replaced } = this.#table.put(input);
      return input.ReturnValues === 'ALL_OLD' && replaced ? { Attributes: replaced } : {};
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      if (input.ReturnValuesOnConditionCheckFailure !== 'ALL_OLD' || withoutRecord || !error.there) throw error;
      throw Object.assign(error, { Item: error.there });
    }
  }
}

/** The cluster that a request is for: what else is kept of it is in partitions that begin with its name (core/log/dynamodb/keys.ts). */
function clusterOf({ input }: Command): string {
  const { Item, Key, ExpressionAttributeValues } = input as Partial<PutItemCommandInput & GetItemCommandInput>;
  const partition = (Item ?? Key)?.['cluster'] ?? ExpressionAttributeValues?.[':cluster'];
  return partition!.S!.split('#')[0]!;
}

/** Longer than any client waits. */
const NEVER = 3_600_000;

const awsError = (name: string, fields: object) => Object.assign(new Error(name), { name, ...fields });

const throttled = (byTable: boolean) =>
  awsError(byTable ? 'ProvisionedThroughputExceededException' : 'ThrottlingException', { $fault: 'client', $metadata: { httpStatusCode: 400 } });

const notFound = () => awsError('ResourceNotFoundException', { $fault: 'client', $metadata: { httpStatusCode: 400 } });

const serverError = () => awsError('InternalServerError', { $fault: 'server', $metadata: { httpStatusCode: 500 } });

const connectionLost = () => awsError('Error', { code: 'ECONNRESET' });
