import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { all, appended, save, snapshot } from '../../../test/contract/entries.ts';
import { branchLog } from '../branch-log.ts';
import { type Branch, baseAt } from '../branches.ts';
import type { EventLog } from '../log.ts';
import { sqliteLog } from './sqlite-log.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'logplane-'));
  file = path.join(folder, 'log.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

const main: Branch = { cluster: 'main', log: 'main', base: [] };
const forkOf = (cluster: string, at: number): Branch => ({ cluster, log: `${cluster}~x`, base: baseAt(main, at) });
async function grow(log: EventLog, branch: Branch, after: number, entries: number): Promise<void> {
  for (let i = 0; i < entries; i++) await appended(branchLog(log, branch), branch.cluster, after + i, 1);
}
function sql(text: string): void {
  const database = new DatabaseSync(file);
  database.exec(text);
  database.close();
}
/** What a process finds that comes after this one was killed right here. */
function killedHere(): string {
  const copy = mkdtempSync(path.join(folder, 'killed-'));
  for (const suffix of ['', '-wal', '-end']) copyFileSync(`${file}${suffix}`, path.join(copy, `log.sqlite${suffix}`));
  return path.join(copy, 'log.sqlite');
}

it('a fork of which entries are missing is refused, and one that never wrote is not', async () => {
  const log = sqliteLog({ file });
  await grow(log, main, 0, 5);
  const [written, unwritten] = [forkOf('written', 3), forkOf('unwritten', 4)];
  for (const branch of [written, unwritten]) expect(await log.branches.begin(branch)).toBe('begun');
  await grow(log, written, 3, 4);
  await log.close();
  await sqliteLog({ file }).close();
  sql("DELETE FROM entries WHERE cluster = 'written~x' AND offset = 7");
  expect(() => sqliteLog({ file })).toThrow('cluster written~x came to resourceVersion 7, and it ends at 6');
  sql("DELETE FROM entries WHERE cluster = 'written~x'");
  expect(() => sqliteLog({ file })).toThrow('cluster written~x came to resourceVersion 7, and it ends at 3');
});

it('a fork that is not there although it was acknowledged is missed', async () => {
  const log = sqliteLog({ file });
  await grow(log, main, 0, 5);
  await log.branches.begin(forkOf('fork', 3));
  await log.close();
  sql("DELETE FROM branches WHERE cluster = 'fork'");
  expect(() => sqliteLog({ file })).toThrow('cluster fork~x came to resourceVersion 3, and it ends at 0');
});

it('a log that is being removed is removed on, wherever its process was killed, and nothing of it is missed', async () => {
  const log = sqliteLog({ file });
  await grow(log, main, 0, 5);
  const fork = forkOf('fork', 5);
  await log.branches.begin(fork);
  await grow(log, fork, 5, 2_500);
  await save(branchLog(log, fork), 'fork', snapshot(2_000, 1));
  const copies = [killedHere()];
  await log.branches.end('fork', fork.log);
  copies.push(killedHere());
  for (let calls = 1; !(await log.remove(fork.log)).done; calls++) {
    copies.push(killedHere());
    expect(calls).toBeLessThan(5);
  }
  copies.push(killedHere());
  await log.close();
  expect(copies).toHaveLength(5);
  for (const [i, copy] of copies.entries()) {
    const again = sqliteLog({ file: copy });
    expect(await all(again, 'main')).toHaveLength(5);
    expect((await again.branches.get('fork')) !== undefined).toBe(i === 0);
    if (i > 0) for (const name of await again.branches.ended()) while (!(await again.remove(name)).done);
    expect(await again.branches.ended()).toEqual([]);
    if (i > 0) expect(await again.loadSnapshot(fork.log)).toBeUndefined();
    await again.close();
    await sqliteLog({ file: copy }).close();
  }
});

it('the mark of a log that is gone is that of the next one', async () => {
  const log = sqliteLog({ file });
  await grow(log, main, 0, 5);
  let size = 0;
  for (let i = 0; i < 20; i++) {
    const fork = forkOf(`f${i}`, 3);
    await log.branches.begin(fork);
    await grow(log, fork, 3, 2);
    await log.branches.end(fork.cluster, fork.log);
    await log.remove(fork.log);
    if (i === 0) ({ size } = statSync(`${file}-end`));
  }
  expect(statSync(`${file}-end`).size).toBe(size);
  await log.branches.begin(forkOf('last', 3));
  await log.close();
  const again = sqliteLog({ file });
  expect((await again.clusters()).sort()).toEqual(['last', 'main']);
  await grow(again, forkOf('last', 3), 3, 1);
  await again.close();
});

it('a file of format 3 is brought to this one, in place', async () => {
  const log = sqliteLog({ file });
  await grow(log, main, 0, 5);
  await log.close();
  sql('DROP TABLE branches; DROP TABLE ended; PRAGMA user_version = 3');
  const again = sqliteLog({ file });
  expect(await all(again, 'main')).toHaveLength(5);
  expect(await again.branches.list()).toEqual([main]);
  expect(await again.branches.begin(forkOf('fork', 2))).toBe('begun');
  await again.close();
});
