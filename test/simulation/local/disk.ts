import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Chance } from '../chance.ts';

/** What a disk may do to the files of a log while no process has them open. */
export type Damage = keyof typeof damages;

/** A directory with the files of one log, `log.db` and what stands beside it. */
export class Disk {
  readonly dir = mkdtempSync(path.join(tmpdir(), 'logplane-simulation-'));
  readonly file = path.join(this.dir, 'log.db');

  /** The files as they are now: what the next process finds when the one that has them open is killed. */
  copy(): Disk {
    const copy = new Disk();
    cpSync(this.dir, copy.dir, { recursive: true });
    return copy;
  }

  /** `earlier`: the same files some time before. */
  damage(kind: Damage, { chance, earlier }: { chance: Chance; earlier: Disk }): void {
    damages[kind](this, chance, earlier);
  }

  path(suffix: string): string {
    return this.file + suffix;
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

const damages = {
  /** A flush was acknowledged, and power was lost before the end of the WAL was on the disk. */
  'flush lies': (disk: Disk, chance: Chance) => truncate(disk.path('-wal'), chance),
  'database truncated': (disk: Disk, chance: Chance) => truncate(disk.file, chance),
  'database removed': (disk: Disk) => rmSync(disk.file, { force: true }),
  'WAL removed': (disk: Disk) => rmSync(disk.path('-wal'), { force: true }),
  'end mark removed': (disk: Disk) => rmSync(disk.path('-end'), { force: true }),
  /** The database is one of some time before; what says how far it came is not. */
  'older database': (disk: Disk, _: Chance, earlier: Disk) => {
    for (const suffix of ['', '-wal']) {
      rmSync(disk.path(suffix), { force: true });
      if (existsSync(earlier.path(suffix))) cpSync(earlier.path(suffix), disk.path(suffix));
    }
  },
  garbage: (disk: Disk, chance: Chance) => {
    const file = path.join(disk.dir, chance.pick(readdirSync(disk.dir).sort()));
    const bytes = readFileSync(file);
    const at = chance.whole(0, Math.max(0, bytes.length - 64));
    for (let i = at; i < Math.min(at + 64, bytes.length); i++) bytes[i] = chance.whole(0, 255);
    writeFileSync(file, bytes);
  },
} satisfies Record<string, (disk: Disk, chance: Chance, earlier: Disk) => void>;

export const damageKinds = Object.keys(damages) as Damage[];

function truncate(file: string, chance: Chance): void {
  if (existsSync(file)) truncateSync(file, Math.floor(chance.next() * statSync(file).size));
}
