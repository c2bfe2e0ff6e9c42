import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { bundled } from '../scripts/bundle-sources.mjs';
import v8Flags from './v8-flags.json' with { type: 'json' };

const root = path.resolve(import.meta.dirname, '..');

it.each([
  { script: 'local/cli.ts', flags: v8Flags },
  { script: 'test/fuzz/fuzz.ts', flags: [] },
])('what runs $script is told how to keep its memory: $flags', async ({ script, flags }) => {
  const told = encodeURIComponent('console.error(JSON.stringify([process.argv[1], ...process.execArgv]))');
  const { stderr, status } = spawnSync(process.execPath, [path.join(root, 'scripts/bootstrap.mjs'), script, '--help'], {
    env: { ...process.env, NODE_OPTIONS: `--import=data:text/javascript,${told}` },
    encoding: 'utf8',
  });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  const started = stderr.split('\n').flatMap((line) => (line.startsWith('[') ? [JSON.parse(line) as string[]] : []));
  const program = script === 'local/cli.ts' ? await bundled(root, script) : path.join(root, script);
  expect(started.find(([name]) => name === program)).toEqual([program, ...flags, '--import', expect.any(String)]);
});
