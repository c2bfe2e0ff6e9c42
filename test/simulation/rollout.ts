import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type Item, isEntryPartition } from '../../core/log/dynamodb/keys.ts';
import type { Chance } from './chance.ts';
import type { InstanceOptions } from './instance.ts';

/** What one version of the code has that another has not: the formats of entries (core/log/codec.ts) and its limits. */
export interface Release extends Pick<InstanceOptions, 'historyLimit' | 'snapshotEvents'> {
  readonly name: 'old' | 'reader' | 'writer';
  /** The newest format that it reads. An older one it reads, too. */
  readonly reads: number;
  readonly writes: number;
}

/**
 * A new format of entries comes in two releases: the first reads it, and goes on writing the old one while instances of the release before run beside it;
 * the second writes it. Each reader refuses what it does not know. The newer format is the older one under another number.
 */
export class Rollout {
  readonly #chance: Chance;
  /** Whether the first release writes the new format already: what the rule is against. */
  readonly #careless: boolean;
  current: Release;

  constructor({ chance, first, careless }: { chance: Chance; first: Pick<InstanceOptions, 'historyLimit' | 'snapshotEvents'>; careless: boolean }) {
    this.#chance = chance;
    this.#careless = careless;
    this.current = { ...first, name: 'old', reads: 1, writes: 1 };
  }

  /** From now on, new instances are of the next release. */
  next(): void {
    const limits = { historyLimit: this.#chance.pick([20, 500, 10_000]), snapshotEvents: this.#chance.pick([200, 1_000, 2_000]) };
    const reader = { ...limits, name: 'reader', reads: 2, writes: this.#careless ? 2 : 1 } as const;
    this.current = this.current.name === 'old' ? reader : { ...limits, name: 'writer', reads: 2, writes: 2 };
  }
}

/** The client of a release's log. */
export function clientOf(client: DynamoDBClient, { reads, writes }: Pick<Release, 'reads' | 'writes'>): DynamoDBClient {
  const send = async (command: { input: unknown }, options: object): Promise<object> => {
    const sent = (client as unknown as { send: typeof send }).send(command instanceof PutItemCommand ? written(command, writes) : command, options);
    const answer = await sent.catch((error: Error & { Item?: Item }) => {
      // A failed condition brings the record that is there.
      if (error.Item && reads > 1) error.Item = inFormat1(error.Item);
      throw error;
    });
    const { Items, Item } = answer as { Items?: Item[]; Item?: Item };
    if (reads === 1) return answer;
    return { ...answer, ...(Items && { Items: Items.map(inFormat1) }), ...(Item && { Item: inFormat1(Item) }) };
  };
  return { send } as unknown as DynamoDBClient;
}

/** A record as this version of the code reads it. */
export const inFormat1 = (item: Item): Item => inFormat(item, 1);

const written = ({ input }: PutItemCommand, format: number): PutItemCommand => new PutItemCommand({ ...input, Item: inFormat(input.Item!, format) });

function inFormat(item: Item, format: number): Item {
  const bytes = item['payload']?.B;
  // Other records have formats of their own; an entry whose bytes are in parts is left as it is.
  if (!bytes || !isEntryPartition(item['cluster']!.S!) || bytes[0] === format) return item;
  return { ...item, payload: { B: Buffer.concat([Uint8Array.of(format), bytes.subarray(1)]) } };
}
