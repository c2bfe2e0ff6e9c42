import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LockFile } from './lock-file.ts';
import { LogInUse } from './refusals.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'logplane-'));
  file = path.join(folder, 'log.sqlite-lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

const module = path.join(import.meta.dirname, 'lock-file.ts');
const script = (then: string) => `const { LockFile } = await import(${JSON.stringify(module)});
  try { LockFile.take(${JSON.stringify(file)}, { alone: true }); console.log('taken'); } catch (error) { console.log(error.name); }
  ${then}`;
const process_ = (then: string) => ['--input-type=module', '-e', script(then)];
const edit = (change: object) => writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...change }));
const take = (alone = true) => LockFile.take(file, { alone });

it('is held by one, until it is released', () => {
  const lock = take();
  expect(() => take()).toThrow(LogInUse);
  expect(() => take(false)).toThrow(`${folder}/log.sqlite is in use by another process (${process.pid})`);
  lock.release();
  expect(readdirSync(folder)).toEqual([]);
  take().release();
});

it('is held by a process that runs, and no longer when it was killed', async () => {
  const other = spawn(process.execPath, process_('setInterval(() => {}, 1000)'), { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(other.stdout, 'data');
  expect(() => take()).toThrow(`is in use by another process (${other.pid})`);
  other.kill('SIGKILL');
  await once(other, 'exit');
  expect(existsSync(file)).toBe(true);
  take().release();
});

it('is taken by one of many that find it left behind', async () => {
  expect(spawnSync(process.execPath, process_('process.kill(process.pid, "SIGKILL")'), { encoding: 'utf8' }).stdout).toBe('taken\n');
  const others = Array.from({ length: 6 }, () => spawn(process.execPath, process_('setInterval(() => {}, 1000)'), { stdio: ['ignore', 'pipe', 'inherit'] }));
  const told = await Promise.all(others.map(async ({ stdout }) => String((await once(stdout, 'data'))[0]).trim()));
  for (const other of others) other.kill('SIGKILL');
  expect(told.sort()).toEqual(['LogInUse', 'LogInUse', 'LogInUse', 'LogInUse', 'LogInUse', 'taken']);
});

it('is not held by another process of the same number', () => {
  take();
  edit({ began: 'long ago' });
  take().release();
});

it('is not held where it was copied to, nor by what is no lock', () => {
  take();
  const copy = path.join(folder, 'copy-lock');
  copyFileSync(file, copy);
  LockFile.take(copy, { alone: true }).release();
  writeFileSync(file, 'something else');
  take().release();
});

it('of another machine holds where nothing else does', () => {
  take(false);
  edit({ host: 'elsewhere' });
  expect(() => take()).toThrow(`on elsewhere; when it has ended, remove ${file})`);
  const lock = take(false);
  edit({ host: 'elsewhere', alone: true });
  expect(() => take(false)).toThrow(LogInUse);
  lock.release();
});
