import { closeSync, existsSync, fdatasync, fdatasyncSync, fstatSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Offset } from '../event.ts';
import { LogDamaged } from './refusals.ts';

/** The end of a cluster's log: the offset of its last event, and the running sum up to there. */
export interface End {
  readonly offset: Offset;
  readonly sum: number;
}

/**
 * What a log has acknowledged, in a file of its own beside the database: the end of each cluster. It is written after the commit and so never
 * ahead of it; a database that holds less has lost something (docs/decisions/0011-what-was-acknowledged.md).
 *
 * The file is an array of records as large as a disk's sector: a header, then two for each cluster, written in turn, so that one that is torn leaves the other.
 */
export class EndMark {
  readonly #fd: number;
  readonly #ends = new Map<string, End & { readonly slot: number }>();
  /** The first slots of pairs that are of no cluster any more. */
  readonly #free: number[] = [];
  #slots = 1;
  #unsynced = 0;
  #failure: unknown;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** The mark kept in `file`; undefined when there is none. Throws `LogDamaged`. */
  static open(file: string): EndMark | undefined {
    if (!existsSync(file)) return undefined;
    const bytes = readFileSync(file);
    if (recordAt(bytes, 0)?.mark !== HEADER.mark) throw damaged(file);
    const mark = new EndMark(openSync(file, 'r+'));
    mark.#slots = 1 + 2 * Math.ceil((bytes.length / RECORD - 1) / 2);
    for (let slot = 1; slot < mark.#slots; slot += 2) {
      const newest = [slot, slot + 1]
        .map((at) => ({ ...recordAt(bytes, at), slot: at }))
        .filter((record): record is Record & { slot: number } => record.cluster !== undefined)
        .sort((a, b) => b.offset - a.offset || Number(b.cluster !== NONE) - Number(a.cluster !== NONE))[0];
      if (!newest) {
        mark.close();
        throw damaged(file);
      }
      if (newest.cluster === NONE) mark.#free.push(slot);
      else mark.#ends.set(newest.cluster, { offset: newest.offset, sum: newest.sum, slot: newest.slot });
    }
    return mark;
  }

  /** A mark that knows of nothing, in the place of any that is there. It is there whole or not at all. */
  static create(file: string): EndMark {
    const draft = `${file}.new`;
    const fd = openSync(draft, 'w+', 0o600);
    const mark = new EndMark(fd);
    mark.#put(0, HEADER);
    fsyncSync(fd);
    renameSync(draft, file);
    const folder = openSync(dirname(file), 'r');
    fsyncSync(folder);
    closeSync(folder);
    return mark;
  }

  /** What was acknowledged last, by cluster. */
  get ends(): ReadonlyMap<string, End> {
    return this.#ends;
  }

  /** A cluster is about to get its first entry: from here on there is a mark of it, and room for all that follow. Throws when it cannot be written. */
  begin(cluster: string): void {
    if (this.#ends.has(cluster)) return;
    this.note(cluster);
    fdatasyncSync(this.#fd);
  }

  /** As `begin`, but that is not on the disk yet. */
  note(cluster: string): void {
    if (this.#ends.has(cluster)) return;
    const slot = this.#free.at(-1) ?? this.#slots;
    this.#putNothing(slot, cluster);
    if (slot === this.#slots) this.#slots += 2;
    else this.#free.pop();
    this.#ends.set(cluster, { offset: 0, sum: 0, slot });
  }

  /** Nothing is acknowledged of a cluster any more, which is gone. Throws when it cannot be written. */
  forget(cluster: string): void {
    const known = this.#ends.get(cluster);
    if (!known) return;
    const slot = known.slot % 2 === 1 ? known.slot : known.slot - 1;
    this.#putNothing(slot, NONE);
    fdatasyncSync(this.#fd);
    this.#ends.delete(cluster);
    this.#free.push(slot);
  }

  /** An entry of a cluster is about to be acknowledged. The mark never goes back. One that cannot be written is only behind, which is told by `check`. */
  advance(cluster: string, { offset, sum }: End): void {
    const known = this.#ends.get(cluster)!;
    if (known.offset >= offset) return;
    // A pair begins at an odd slot.
    const slot = known.slot % 2 === 1 ? known.slot + 1 : known.slot - 1;
    try {
      this.#put(slot, { cluster, offset, sum });
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
      return;
    }
    this.#ends.set(cluster, { offset, sum, slot });
    if (++this.#unsynced === SYNC_EVERY) this.#sync();
  }

  /** Throws when the mark could not be written, or is not in its folder any more. */
  check(): void {
    if (this.#failure) throw this.#failure;
    if (fstatSync(this.#fd).nlink === 0) throw new Error('the end mark was removed');
  }

  close(): void {
    fdatasyncSync(this.#fd);
    closeSync(this.#fd);
  }

  /**
   * What was written survives the process in any case, and the loss of power once it is on the disk: the system sees to that within half a minute, this
   * in the background after so many appends. A flush for each append would halve their number, and a mark that is behind does no harm.
   */
  #sync(): void {
    fdatasync(this.#fd, (error) => {
      this.#unsynced = 0;
      if (error && error.code !== 'EBADF') this.#failure = error;
    });
  }

  /** A pair without any acknowledgement. */
  #putNothing(slot: number, cluster: string): void {
    for (const at of [slot, slot + 1]) this.#put(at, { cluster, offset: 0, sum: 0 });
  }

  #put(slot: number, record: object): void {
    const text = JSON.stringify(record);
    const line = `${text} ${crc32(text)}`;
    if (line.length >= RECORD) throw new Error('a record of the end mark is too long');
    writeSync(this.#fd, `${line.padEnd(RECORD - 1)}\n`, slot * RECORD);
  }
}

const damaged = (file: string) => new LogDamaged(`${file} is damaged, which says what was acknowledged`);

interface Record extends End {
  readonly cluster: string;
}

const RECORD = 512;
/** The cluster of a pair that is free. */
const NONE = '';
const SYNC_EVERY = 1_000;
const HEADER = { mark: 'logplane end mark 1' };

function recordAt(bytes: Buffer, slot: number): (Partial<Record> & { mark?: string }) | undefined {
  const record = bytes.subarray(slot * RECORD, (slot + 1) * RECORD);
  if (record.length < RECORD) return undefined;
  const line = record.toString().trimEnd();
  const space = line.lastIndexOf(' ');
  const text = line.slice(0, Math.max(0, space));
  return text !== '' && Number(line.slice(space + 1)) === crc32(text) ? JSON.parse(text) : undefined;
}
