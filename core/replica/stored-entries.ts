import type { Offset } from '../log/event.ts';
import { type EventLog, type LogEntry, lastOffset } from '../log/log.ts';
import { entriesAfter } from './replay.ts';

/** The entries of one cluster's log as they are stored, for readers who can tell from an event what it is of: no state is folded for them. */
export class StoredEntries {
  readonly #log: EventLog;
  readonly #cluster: string;

  constructor({ log, cluster }: { readonly log: EventLog; readonly cluster: string }) {
    this.#log = log;
    this.#cluster = cluster;
  }

  /** The entry in which an offset is; undefined when it is no longer kept, or not there yet. */
  async at(offset: Offset): Promise<LogEntry | undefined> {
    const entry = await this.#log.lastEntry(this.#cluster, { atMost: offset });
    return entry && lastOffset(entry) >= offset ? entry : undefined;
  }

  /** The entries from the one on in which an offset is, oldest first. Throws 410 when it is no longer kept. */
  async *from(offset: Offset): AsyncGenerator<LogEntry> {
    const first = await this.at(offset);
    yield* entriesAfter({ log: this.#log, cluster: this.#cluster }, first ? first.offset - 1 : offset - 1);
  }

  /** Before the first entry that a state can still be folded from: 0, or, where the log has forgotten what was before, the snapshot at which it begins. */
  async begin(): Promise<Offset> {
    if (await this.at(1)) return 0;
    const [oldest] = await this.#log.snapshots(this.#cluster);
    return oldest?.offset ?? 0;
  }
}
