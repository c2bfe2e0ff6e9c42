import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bundled } from '../../scripts/bundle-sources.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'logplane-'));
  mkdirSync(path.join(root, 'node_modules'));
  writeFileSync(path.join(root, 'entry.ts'), "import { said } from './said.ts';\nconsole.log(said satisfies string);\n");
  say('one');
});
afterEach(() => rmSync(root, { recursive: true }));

const said = () => path.join(root, 'said.ts');
const say = (text: string) => writeFileSync(said(), `export const said: string = '${text}';\n`);
const run = (file: string) => execFileSync(process.execPath, [file], { encoding: 'utf8' }).trim();
const isBundle = (file: string) => file.endsWith('.mjs');

it('is made once, and again when a source has changed, even to another of its length', async () => {
  const first = await bundled(root, 'entry.ts');
  expect({ said: run(first), isBundle: isBundle(first) }).toEqual({ said: 'one', isBundle: true });
  const { mtimeMs } = statSync(first);
  expect(statSync(await bundled(root, 'entry.ts')).mtimeMs).toBe(mtimeMs);
  say('two');
  utimesSync(said(), new Date(), new Date(mtimeMs + 5_000));
  expect(run(await bundled(root, 'entry.ts'))).toBe('two');
  say('thirteen');
  expect(run(await bundled(root, 'entry.ts'))).toBe('thirteen');
  // A process that was started from the first one may read more of it.
  expect(run(first)).toBe('one');
});

it('is removed when it was made a week ago, and another one is made', async () => {
  const folder = (file: string) => path.dirname(file);
  const first = folder(await bundled(root, 'entry.ts'));
  const old = path.join(folder(first), `${Date.now() - 8 * 24 * 3_600_000}-1`);
  renameSync(first, old);
  expect(run(await bundled(root, 'entry.ts'))).toBe('one');
  expect(existsSync(old)).toBe(false);
});

it('gives the sources themselves where they cannot be bundled, and the bundle again when they can', async () => {
  await bundled(root, 'entry.ts');
  rmSync(said());
  expect(await bundled(root, 'entry.ts')).toBe(path.join(root, 'entry.ts'));
  say('three');
  expect(run(await bundled(root, 'entry.ts'))).toBe('three');
});

it('gives the sources where nothing can be kept', async () => {
  rmSync(path.join(root, 'node_modules'), { recursive: true });
  writeFileSync(path.join(root, 'node_modules'), 'in the way');
  expect(run(await bundled(root, 'entry.ts'))).toBe('one');
});
