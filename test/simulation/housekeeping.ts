import { dynamodbLog } from '../../core/log/dynamodb/dynamodb-log.ts';
import type { EventLog } from '../../core/log/log.ts';
import { Replica } from '../../core/replica/replica.ts';
import { Retention } from '../../core/replica/retention.ts';
import { Process, type World } from './process.ts';
import { clientOf } from './rollout.ts';
import { type FaultyTable, tableClient } from './table-client.ts';

export interface HousekeepingOptions {
  readonly world: World;
  readonly table: FaultyTable;
  /** What clusters keep, and for how long a snapshot is known before what is behind it goes: what is allowed, unless a test wants to see what is not. */
  readonly keptMs?: number;
  readonly settledMs?: number;
  /** Laid around the log: where a test puts a defect. */
  readonly wrapLog?: (log: EventLog) => EventLog;
}

/** What keeps logs short, with the core's own means: a process that takes snapshots when they are due, and deletes what is older than clusters keep. */
export class Housekeeping {
  readonly #options: HousekeepingOptions;
  #process: Process;
  readonly #clusters = new Map<string, Promise<{ replica: Replica; retention: Retention }>>();
  #processes = 0;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
    this.#process = this.#begin();
  }

  /** Rejects when the log fails; what was done by then is no harm. */
  async run(cluster: string): Promise<void> {
    if (!this.#process.alive) this.restart();
    const { replica, retention } = await this.#open(cluster);
    await replica.catchUp();
    if (replica.state.offset === 0) return;
    await replica.snapshotIfDue();
    await retention.run(replica.now());
  }

  /** Another process, which has all to learn. */
  restart(): void {
    this.#process.kill();
    this.#clusters.clear();
    this.#process = this.#begin();
  }

  #begin(): Process {
    return new Process(this.#options.world, `housekeeping-${++this.#processes}`);
  }

  #open(cluster: string): Promise<{ replica: Replica; retention: Retention }> {
    const known = this.#clusters.get(cluster);
    if (known) return known;
    const { world, table, keptMs: retentionMs = KEPT_MS, settledMs = SETTLED_MS, wrapLog = (log) => log } = this.#options;
    const process = this.#process;
    const { env } = process;
    const log = wrapLog(dynamodbLog({ client: clientOf(tableClient({ process, world, table }), { reads: 2, writes: 1 }), table: 'log', env }));
    const opened = (async () => ({
      replica: await Replica.open({ log, cluster, env, retentionMs }),
      retention: new Retention({ log, cluster, env, retentionMs: () => retentionMs, settledMs, exclusive: false }),
    }))();
    this.#clusters.set(cluster, opened);
    opened.catch(() => this.#clusters.delete(cluster));
    return opened;
  }
}

/** How long entries are kept at least, in virtual time. */
export const KEPT_MS = 60_000;

/**
 * How long a snapshot is known before what is behind it goes: more than the minute after which a writer reads before it appends, and the 20 seconds by which
 * a request may be late here.
 */
export const SETTLED_MS = 100_000;
