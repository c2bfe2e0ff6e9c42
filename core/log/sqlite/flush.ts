import { closeSync, fdatasync, openSync } from 'node:fs';
import { LogUnwritable } from '../log.ts';

/** Brings what was written to a file to the disk. */
export type Sync = (fd: number, done: (error: Error | null) => void) => void;

/**
 * Brings the WAL to the disk beside the one thread: what is committed meanwhile waits for the next time, together. A failure is for good: the system has dropped what it could not
 * write, and a second try would succeed without it (https://wiki.postgresql.org/wiki/Fsync_Errors). Only reading the files anew tells what is there.
 */
export class Flush {
  readonly #fd: number;
  readonly #sync: Sync;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #failure: LogUnwritable | undefined;

  constructor(file: string, sync: Sync = fdatasync) {
    this.#fd = openSync(file, 'r+');
    this.#sync = sync;
  }

  /** Resolves once all that was committed before is on the disk. Throws `LogUnwritable`, from the first failure on always. */
  done(): Promise<void> {
    if (this.#next) return this.#next;
    if (!this.#running) return this.#start();
    // What is running may have begun before the commit.
    this.#next = this.#running.catch(() => undefined).then(() => this.#start());
    return this.#next;
  }

  /** Resolves once nothing is committed that is not on the disk. */
  settled(): Promise<void> | undefined {
    return this.#next ?? this.#running;
  }

  /** Throws what `done` would throw. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** To be called when nothing waits any more. */
  close(): void {
    closeSync(this.#fd);
  }

  async #start(): Promise<void> {
    this.#next = undefined;
    this.#running = this.#flush();
    try {
      await this.#running;
    } finally {
      this.#running = undefined;
    }
  }

  async #flush(): Promise<void> {
    this.check();
    const error = await new Promise<Error | null>((resolve) => this.#sync(this.#fd, resolve));
    if (!error) return;
    this.#failure = new LogUnwritable(`the log cannot be brought to the disk, and has to be opened again: ${error.message}`, { cause: error });
    throw this.#failure;
  }
}
