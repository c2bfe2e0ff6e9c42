import { type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * The files that a log is being written to, as they stand in their folder. A file that is removed, replaced or cut off while a process has it open
 * takes every write and loses all of them: SQLite does not notice.
 */
export class Files {
  readonly #paths: readonly string[];
  readonly #seen = new Map<string, { readonly dev: number; readonly ino: number; size: number }>();

  constructor(paths: readonly string[]) {
    this.#paths = paths;
    this.check();
  }

  /** Throws when one of the files is no longer the one that was opened, or smaller than it was: neither database nor WAL ever shrinks while it is open. */
  check(): void {
    for (const path of this.#paths) {
      const now: Stats | undefined = statSync(path, { throwIfNoEntry: false });
      if (!now) throw new Error(`${basename(path)} was removed`);
      const seen = this.#seen.get(path);
      if (!seen) this.#seen.set(path, { dev: now.dev, ino: now.ino, size: now.size });
      else if (seen.dev !== now.dev || seen.ino !== now.ino) throw new Error(`${basename(path)} was replaced`);
      else if (now.size < seen.size) throw new Error(`${basename(path)} was truncated`);
      else seen.size = now.size;
    }
  }
}
