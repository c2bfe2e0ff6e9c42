import type { Offset } from '../log/event.ts';
import { type LogEntry, lastOffset } from '../log/log.ts';
import type { Position } from '../log/proposals.ts';

/**
 * The newest entries, without their events: which writers wrote them, and which proposals they settled. It tells whether a proposal rests on this very log, and whether
 * an entry since then holds it already. How far back it reaches is bounded: what rests on anything older is not known to be of this log.
 */
export class Lineage {
  readonly #limit: number;
  /** By the offset at which an entry ends, oldest first. */
  readonly #entries = new Map<Offset, { readonly writer: string; readonly settled: readonly string[] }>();
  /** By proposal, where the entry ends that settled it. */
  readonly #settledAt = new Map<string, Offset>();

  constructor({ limit = 1_000 }: { limit?: number } = {}) {
    this.#limit = limit;
  }

  /** The log goes on with this entry. */
  push(entry: LogEntry): void {
    const settled = entry.combined?.map(({ id }) => id) ?? [];
    this.#entries.set(lastOffset(entry), { writer: entry.writer, settled });
    for (const id of settled) this.#settledAt.set(id, lastOffset(entry));
    if (this.#entries.size > this.#limit) this.#forgetOldest();
  }

  /** Begins anew: nothing is known of what was before, or it was another log. */
  begin(start?: Position): void {
    this.#entries.clear();
    this.#settledAt.clear();
    if (start) this.#entries.set(start.offset, { writer: start.writer, settled: [] });
  }

  /** The position at an offset; undefined when it is not known that an entry ends there. */
  at(offset: Offset): Position | undefined {
    const entry = this.#entries.get(offset);
    return entry && { offset, writer: entry.writer };
  }

  /** Whether the log went through a position, and all that came since is known. */
  includes({ offset, writer }: Position): boolean {
    return this.#entries.get(offset)?.writer === writer;
  }

  /** Where the entry ends that settled a proposal; undefined when none did since the log was at any position that it includes. */
  settledAt(id: string): Offset | undefined {
    return this.#settledAt.get(id);
  }

  #forgetOldest(): void {
    const [offset, { settled }] = this.#entries.entries().next().value!;
    this.#entries.delete(offset);
    for (const id of settled) if (this.#settledAt.get(id) === offset) this.#settledAt.delete(id);
  }
}
