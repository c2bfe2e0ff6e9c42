import { appendFile, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { AuditEvent, AuditSink } from '../core/api/audit/event.ts';

export interface AuditFileOptions {
  readonly file: string;
  /** How large the file becomes before another one is begun, in bytes. */
  readonly maxBytes: number;
  /** How many old files are kept; 0: all. */
  readonly maxBackups: number;
  /** For how many days; 0: for ever. */
  readonly maxAgeDays: number;
  /** Told once of what is in the way, until it has gone. */
  readonly problem: (message: string, error?: unknown) => void;
  readonly now?: () => number;
}

/**
 * Audit events in a file, a line of JSON each; old files are called `audit-2026-11-23T10-00-00.000.log` (kube-apiserver's `--audit-log-path`, `-maxsize`, `-maxbackup` and
 * `-maxage`). A request does not wait for them (docs/decisions/0028-audit-and-fairness.md): they are written in the order in which they come, as many at a time as came
 * meanwhile, and `close` waits for the last. What cannot be written, or comes faster than it is written, is lost.
 */
export class AuditFile implements AuditSink {
  readonly #options: AuditFileOptions;
  readonly #now: () => number;
  #waiting: string[] = [];
  #waitingBytes = 0;
  /** Of the file; not known yet. */
  #size: number | undefined;
  #writing: Promise<void> | undefined;
  #failing = false;

  constructor(options: AuditFileOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  write(event: AuditEvent): void {
    const line = `${JSON.stringify(event)}\n`;
    if (this.#waitingBytes + line.length > MAX_WAITING) {
      this.#failed('are lost: they come faster than they can be written');
      return;
    }
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    this.#writing ??= this.#writeAll();
  }

  /** Resolves once all is written that has come so far. */
  async close(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    // What comes in the same turn is written with the first.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      this.#waitingBytes = 0;
      try {
        await this.#append(lines);
        this.#failing = false;
      } catch (error) {
        this.#failed('cannot be written', error);
      }
    }
    this.#writing = undefined;
  }

  async #append(lines: readonly string[]): Promise<void> {
    const { file, maxBytes } = this.#options;
    this.#size ??= await sizeOf(file);
    let text = '';
    let size = this.#size;
    for (const line of lines) {
      const bytes = Buffer.byteLength(line);
      if (size > 0 && size + bytes > maxBytes) {
        await this.#put(text, size);
        await this.#rotate();
        text = '';
        size = 0;
      }
      text += line;
      size += bytes;
    }
    await this.#put(text, size);
  }

  async #put(text: string, size: number): Promise<void> {
    if (text) await appendFile(this.#options.file, text, { mode: 0o600 });
    this.#size = size;
  }

  async #rotate(): Promise<void> {
    const { file, maxBackups, maxAgeDays } = this.#options;
    const { dir, name, ext } = path.parse(file);
    const stamp = (ms: number) => new Date(ms).toISOString().slice(0, 23).replaceAll(':', '-');
    let at = this.#now();
    const backups = await backupsOf(file);
    // Two of one millisecond are two.
    while (backups.includes(`${name}-${stamp(at)}${ext}`)) at++;
    await rename(file, path.join(dir, `${name}-${stamp(at)}${ext}`));
    this.#size = 0;
    const kept = [...backups, `${name}-${stamp(at)}${ext}`].sort();
    const oldest = `${name}-${stamp(this.#now() - maxAgeDays * DAY_MS)}${ext}`;
    const over = kept.filter((backup, i) => (maxBackups > 0 && i < kept.length - maxBackups) || (maxAgeDays > 0 && backup < oldest));
    for (const backup of over) await rm(path.join(dir, backup), { force: true });
  }

  #failed(what: string, error?: unknown): void {
    if (!this.#failing) this.#options.problem(`audit events ${what}`, error);
    this.#failing = true;
  }
}

const DAY_MS = 24 * 3600 * 1000;

/** In characters: some ten thousand events with objects. */
const MAX_WAITING = 64 * 1024 ** 2;

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

async function backupsOf(file: string): Promise<string[]> {
  const { dir, name, ext } = path.parse(file);
  const stamped = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}$/;
  return (await readdir(dir || '.')).filter(
    (entry) => entry.startsWith(`${name}-`) && entry.endsWith(ext) && stamped.test(entry.slice(name.length + 1, entry.length - ext.length)),
  );
}
