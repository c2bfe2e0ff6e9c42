import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, linkSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { LogInUse } from './refusals.ts';

/**
 * Says which process has a log open, beside it. SQLite's own lock, which ends with the process, is of no use where SQLite is WebAssembly, which cannot take it: there, and against those that
 * cannot, this one is held too. One that a process left behind which was killed is known by its number, and by when that process began.
 */
export class LockFile {
  readonly #file: string;
  readonly #inode: number;

  private constructor(file: string, inode: number) {
    this.#file = file;
    this.#inode = inode;
  }

  /**
   * Throws `LogInUse` while another process, or this one, holds it.
   * @param alone whether nothing else keeps a second process out
   */
  static take(file: string, { alone }: { alone: boolean }): LockFile {
    const draft = `${file}.${process.pid}.${process.hrtime.bigint()}`;
    const fd = openSync(draft, 'wx', 0o600);
    try {
      const inode = fstatSync(fd).ino;
      writeSync(fd, JSON.stringify({ pid: process.pid, began: beginOf(process.pid), host: hostname(), inode, alone } satisfies Holder));
      for (;;) {
        if (linked(draft, file)) return new LockFile(file, inode);
        const there = read(file);
        if (there && isHeld(there, alone)) {
          const { pid, host } = there.holder;
          const where = host === hostname() ? `(${pid})` : `(${pid} on ${host}; when it has ended, remove ${file})`;
          throw new LogInUse(`${file.replace(/-lock$/, '')} is in use by another process ${where}`);
        }
        if (there) replace(file, there.inode, draft);
        if (statSync(file, { throwIfNoEntry: false })?.ino === inode) return new LockFile(file, inode);
      }
    } finally {
      closeSync(fd);
      rmSync(draft, { force: true });
    }
  }

  release(): void {
    if (statSync(this.#file, { throwIfNoEntry: false })?.ino === this.#inode) rmSync(this.#file, { force: true });
  }
}

interface Holder {
  readonly pid: number;
  /** When the process began, so that it is not taken for another one of its number. */
  readonly began: string;
  readonly host: string;
  /** Of the file, which a copy does not have. */
  readonly inode: number;
  /** Whether it is all that its holder has. */
  readonly alone: boolean;
}

interface Found {
  readonly inode: number;
  readonly holder?: Holder;
}

function read(file: string): Found | undefined {
  try {
    const inode = statSync(file).ino;
    try {
      return { inode, holder: JSON.parse(readFileSync(file, 'utf8')) as Holder };
    } catch {
      return { inode };
    }
  } catch {
    return undefined;
  }
}

/** What is no lock, or a copy of one, holds nothing. Whether a process of another machine runs cannot be told: SQLite's lock decides where both have it. */
function isHeld(found: Found, alone: boolean): found is Required<Found> {
  const { inode, holder } = found;
  if (!holder || holder.inode !== inode) return false;
  if (holder.host !== hostname()) return alone || holder.alone;
  return beginOf(holder.pid) === holder.began;
}

/** When a process began, in words that no other one of its number has; empty: there is none. */
function beginOf(pid: number): string {
  if (process.platform !== 'linux') return spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ?? '';
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // After the name, which may have blanks: man 5 proc, field 22.
    return `${boot} ${readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[19]}`;
  } catch {
    return '';
  }
}

/** Puts a lock in the place of one that nothing holds. Of several processes that want to one does: the others find another lock there, or that one at work. */
function replace(file: string, stale: number, draft: string): void {
  const turn = `${file}.${stale}`;
  if (!linked(draft, turn)) {
    const there = read(turn);
    if (there && !isHeld(there, true)) rmSync(turn, { force: true });
    return;
  }
  try {
    if (read(file)?.inode === stale) {
      linkSync(draft, `${draft}.taken`);
      renameSync(`${draft}.taken`, file);
    }
  } finally {
    rmSync(turn, { force: true });
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
