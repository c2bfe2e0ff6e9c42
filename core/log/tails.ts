import type { Offset } from './event.ts';
import { type LogEntry, lastOffset } from './log.ts';

/** How many entries may wait for a reader of a tail; one that is further behind reads them from the log again. */
const BACKLOG = 256;

/**
 * The tails of a log whose only writers are in this process: what is appended is pushed to its followers, so an idle tail costs
 * nothing and a busy one does not read back what was just written.
 */
export class Tails {
  readonly #followers = new Map<string, Set<Follower>>();
  #closed = false;

  /** To be called after each append, in order, once the entry is durable. */
  push(cluster: string, entry: LogEntry): void {
    for (const follower of this.#followers.get(cluster) ?? []) follower.push(entry);
  }

  /** The entries after `after`: those `read` finds, then those that are pushed. Ends when `signal` aborts or the log is closed. */
  async *follow(cluster: string, after: Offset, signal: AbortSignal, read: (after: Offset) => AsyncIterable<LogEntry>): AsyncGenerator<LogEntry> {
    if (signal.aborted || this.#closed) return;
    const follower = new Follower();
    const wake = () => follower.wake();
    const followers = this.#followers.get(cluster) ?? new Set();
    this.#followers.set(cluster, followers.add(follower));
    signal.addEventListener('abort', wake);
    const over = () => signal.aborted || this.#closed;
    try {
      while (!over()) {
        // Listening before reading: whatever is appended meanwhile waits in the follower, and what was read as well is skipped.
        follower.missed = false;
        for await (const entry of read(after)) {
          if (over()) return;
          yield entry;
          after = lastOffset(entry);
        }
        while (!over() && !follower.missed) {
          const entry = follower.waiting.shift();
          if (!entry) await follower.news();
          else if (entry.offset > after) {
            yield entry;
            after = lastOffset(entry);
          }
        }
      }
    } finally {
      signal.removeEventListener('abort', wake);
      followers.delete(follower);
      if (followers.size === 0 && this.#followers.get(cluster) === followers) this.#followers.delete(cluster);
    }
  }

  /** Ends all tails. */
  close(): void {
    this.#closed = true;
    for (const followers of this.#followers.values()) for (const follower of followers) follower.wake();
  }
}

class Follower {
  readonly waiting: LogEntry[] = [];
  missed = false;
  #wake: (() => void) | undefined;

  push(entry: LogEntry): void {
    if (this.waiting.length === BACKLOG) {
      this.waiting.length = 0;
      this.missed = true;
    }
    if (!this.missed) this.waiting.push(entry);
    this.wake();
  }

  wake(): void {
    this.#wake?.();
  }

  async news(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}
