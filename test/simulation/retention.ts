import { decodeEntry } from '../../core/log/codec.ts';
import { dynamodbLog } from '../../core/log/dynamodb/dynamodb-log.ts';
import { type Item, keyAt } from '../../core/log/dynamodb/keys.ts';
import { lastOffset } from '../../core/log/log.ts';
import { Replica } from '../../core/replica/replica.ts';
import { takeSnapshot } from '../../core/state/snapshot.ts';
import { Process, type World } from './process.ts';
import { clientOf, inFormat1 } from './rollout.ts';
import type { Table } from './table.ts';
import { type FaultyTable, tableClient } from './table-client.ts';

/**
 * What keeps a log short: a snapshot now and then, and the end of what it covers and is old. The newest entry always stays: it is what
 * tells a writer that lags that the log goes on behind what it knows.
 */
export class Retention {
  readonly #world: World;
  readonly #table: Table;
  readonly #client: FaultyTable;
  #runs = 0;

  constructor({ world, table, client }: { world: World; table: Table; client: FaultyTable }) {
    this.#world = world;
    this.#table = table;
    this.#client = client;
  }

  /** Rejects when the log fails; what was done by then is no harm. */
  async run(cluster: string): Promise<void> {
    const process = new Process(this.#world, `retention-${++this.#runs}`);
    const { env } = process;
    const client = clientOf(tableClient({ process, world: this.#world, table: this.#client }), { reads: 2, writes: 1 });
    const log = dynamodbLog({ client, table: 'log', env });
    const replica = await Replica.open({ log, cluster, env });
    if (replica.state.offset === 0) return;
    await log.saveSnapshot(cluster, await takeSnapshot(replica.state, () => env.clock.turn()));
    const snapshot = await log.loadSnapshot(cluster);
    for (const offset of this.#table.offsets(cluster).slice(0, -1)) {
      const key = keyAt(cluster, offset);
      const item = this.#table.get({ Key: key })!;
      // What an append may still be under way for is a matter of real time, whatever time it is in the cluster.
      if (endOf(item) > snapshot!.offset || this.#table.writtenAt(key)! > this.#world.time.now - KEPT_MS) return;
      this.#table.delete(key);
    }
  }
}

/**
 * How long entries are kept at least. A day in production; here it only has to be more than the minute after which a writer reads before it
 * appends, and the time that an append may be under way.
 */
export const KEPT_MS = 150_000;

function entryOf(item: Item) {
  const bytes = inFormat1(item)['payload']?.B;
  return bytes && decodeEntry(bytes);
}
const endOf = (item: Item) => {
  const entry = entryOf(item);
  return entry ? lastOffset(entry) : Number(item['offset']!.N);
};
