import { DeleteItemCommand, type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { type Env, systemEnv } from '../../core/env.ts';
import { realInstant } from '../../core/instant.ts';
import { type DynamodbLog, dynamodbLog } from '../../core/log/dynamodb/dynamodb-log.ts';
import type { Item } from '../../core/log/dynamodb/keys.ts';
import { Chance } from '../simulation/chance.ts';
import { VirtualTime } from '../simulation/clock.ts';
import { Faults } from '../simulation/faults.ts';
import type { World } from '../simulation/process.ts';
import { Table } from '../simulation/table.ts';
import { FaultyTable } from '../simulation/table-client.ts';

/**
 * The log's table in the process of the test: that of the simulation, with no faults but those of the processes that use it. What stops at each of its requests in turn makes tens of thousands;
 * log.test.ts holds this table, and one behind HTTP, to the same contract.
 */
export class TableInProcess {
  #table = newTable();
  readonly #chance = new Chance('contract');
  readonly #world: World = {
    seed: 0,
    time: new VirtualTime({ start: 0, chance: this.#chance }),
    chance: this.#chance,
    faults: new Faults({ chance: this.#chance, rates: {} }),
  };

  /** What the SDK is to a process. */
  readonly client = { send: (command: Command, options?: SendOptions) => this.#send(command, options) } as unknown as DynamoDBClient;

  async #send(command: Command, { abortSignal }: SendOptions = {}): Promise<object> {
    await new Promise((resolve) => setImmediate(resolve));
    if (abortSignal?.aborted) throw Object.assign(new Error('Request aborted'), { name: 'AbortError' });
    return new FaultyTable(this.#table).handling(command, this.#world).perform();
  }

  /** All that is there. */
  records(): Item[] {
    return [...this.#table.backup().values()].flatMap((rows) => rows.map(({ item }) => item));
  }

  clear(): void {
    this.#table = newTable();
  }

  /** The log as a process has it, and how much that asked of the table. */
  logOf({ later = 0, hurry = 1, settledMs, before, ...ends }: Life = {}): CountedLog {
    let requests = 0;
    let writes = 0;
    let lists = 0;
    const { clock } = systemEnv;
    const env: Env = {
      ...systemEnv,
      clock: { ...clock, now: () => realInstant(Date.now() + later), sleep: (ms, signal) => clock.sleep(ms / hurry, signal) },
    };
    const send = async (command: Command) => {
      const request = requests++;
      await before?.(request);
      const isWrite = command instanceof PutItemCommand || command instanceof DeleteItemCommand;
      if (isWrite) writes++;
      if (command instanceof QueryCommand && isList(command)) lists++;
      if (request >= (ends.diesAfter ?? Number.POSITIVE_INFINITY) || (isWrite && writes > (ends.diesAfterWrites ?? Number.POSITIVE_INFINITY)))
        throw Object.assign(new Error('dead'), { $fault: 'client' });
      if (ends.late?.(request, () => this.#send(command))) throw Object.assign(new Error('no answer'), { name: 'TimeoutError' });
      const answer = await this.#send(command);
      if (request === ends.loses) throw Object.assign(new Error('lost'), { name: 'TimeoutError' });
      return answer;
    };
    const log = dynamodbLog({
      client: { send } as unknown as DynamoDBClient,
      table: 'log',
      env,
      timeoutMs: 60_000,
      ...(settledMs !== undefined && { settledMs }),
    });
    return Object.defineProperties(log, { requests: { get: () => requests }, writes: { get: () => writes }, lists: { get: () => lists } }) as CountedLog;
  }
}

export interface Life {
  /** So many requests are made, and then no more. */
  readonly diesAfter?: number;
  /** So many writes are made: the next one and all later ones are not sent. */
  readonly diesAfterWrites?: number;
  /** The answer to that request is lost, although it was done. */
  readonly loses?: number;
  /** Asked of each request by its number: whether it is given up, and done when `perform` is called. */
  readonly late?: (request: number, perform: () => Promise<object>) => boolean;
  /** Called before each request, with its number. */
  readonly before?: (request: number) => Promise<void>;
  /** How far its clock is ahead, in ms. */
  readonly later?: number;
  /** How much faster it is done with waiting. */
  readonly hurry?: number;
  readonly settledMs?: number;
}

export interface CountedLog extends DynamodbLog {
  readonly requests: number;
  readonly writes: number;
  /** Looks at the records of all branches. */
  readonly lists: number;
}

interface Command {
  readonly input: object;
}

interface SendOptions {
  readonly abortSignal?: AbortSignal;
}

/** Of all records, not of those near a name's number, and of the first page. */
const isList = ({ input: { ExpressionAttributeValues: values = {}, ExclusiveStartKey } }: QueryCommand) =>
  values[':cluster']?.S === '#clusters' && !(':before' in values) && !ExclusiveStartKey;

const newTable = () => new Table({ now: () => 0, onPut: () => {} });
