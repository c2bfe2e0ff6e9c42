import type { Env } from '../env.ts';
import type { Offset } from '../log/event.ts';
import { type EventLog, lastOffset } from '../log/log.ts';
import { isOver, type Moment, momentOf } from './commits.ts';
import type { Lineage } from './lineage.ts';

interface LogIdentityOptions {
  readonly log: EventLog;
  readonly cluster: string;
  readonly env: Pick<Env, 'clock'>;
  /** The writer of the entry at the state's end, if no snapshot ends there. */
  readonly lineage: Lineage;
  /** No other process writes to this log: it is the one that was read. */
  readonly exclusive: boolean;
}

/**
 * Whether the log is the one that was read before. It may be restored from a backup under a running process: then it ends before the state does, or goes on
 * otherwise. An entry is told from another one at its place by its writer.
 */
export class LogIdentity {
  readonly #options: LogIdentityOptions;
  /** When the log last proved to be the one that was read before. */
  #provenAt: Moment;

  constructor(options: LogIdentityOptions) {
    this.#options = options;
    this.#provenAt = momentOf(options.env.clock);
  }

  /** Whether it may be another one by now. A table is restored in minutes, in which it answers nothing: a process that has had an answer since knows that it was not. */
  get isDoubtful(): boolean {
    return !this.#options.exclusive && isOver(this.#provenAt, DOUBT_MS, this.#options.env.clock);
  }

  proven(at: Moment): void {
    this.#provenAt = at;
  }

  /** Asks for the writer of the entry at the state's end, if that is not known: a snapshot does not say it, and another log may have an entry that ends there, too. */
  async learn(end: () => Offset): Promise<void> {
    const { log, cluster, lineage, exclusive } = this.#options;
    const offset = end();
    if (lineage.at(offset) || offset === 0 || exclusive) return;
    const last = await log.lastEntry(cluster, { atMost: offset });
    if (last && end() === offset) lineage.begin({ offset, writer: last.writer });
  }

  /** Whether the log has, at this end of the state, the entry that was read there. */
  async isAsKnown(offset: Offset): Promise<boolean> {
    const { log, cluster, lineage } = this.#options;
    const last = await log.lastEntry(cluster, { atMost: offset });
    return last !== undefined && lastOffset(last) === offset && last.writer === lineage.at(offset)?.writer;
  }
}

/** Less than any restore takes. */
const DOUBT_MS = 60_000;
