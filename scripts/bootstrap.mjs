// Runs a command of the project on a machine that has only Node 20+ and npm: installs the locked dependencies when they are missing or
// outdated, makes the generated sources, then runs the command with the Node that the project pins.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..');
const [script, ...args] = process.argv.slice(2);
if (!script) {
  console.error('usage: node scripts/bootstrap.mjs SCRIPT [ARGS]');
  process.exit(2);
}

const read = (file) => readFileSync(path.join(root, file), 'utf8');

/** npm keeps what it installed in a lockfile of its own; a package that is locked for every platform must stand there in the same version. */
function installed() {
  const have = 'node_modules/.package-lock.json';
  if (!existsSync(path.join(root, have)) || !existsSync(path.join(root, 'node_modules/node/bin/node'))) return false;
  const wanted = JSON.parse(read('package-lock.json')).packages;
  const got = JSON.parse(read(have)).packages;
  return Object.entries(wanted).every(([name, { version, optional }]) => name === '' || optional || got[name]?.version === version);
}

if (!installed()) {
  console.error('Installing dependencies (once) …');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (npm.status !== 0) process.exit(npm.status ?? 1);
}

const bin = path.join(root, 'node_modules/.bin');
const node = path.join(root, 'node_modules/node/bin/node');
await import('./generate.mjs');
await import('./build-ui.mjs');

// The channel tells the child when this process ends, however it does.
// V8 takes them when the process starts, and at no other time (docs/decisions/0006-bounded-passes.md).
const isProgram = script === 'local/cli.ts';
const flags = isProgram ? JSON.parse(read('local/v8-flags.json')) : [];
const program = isProgram ? await (await import('./bundle-sources.mjs')).bundled(root, script) : path.join(root, script);
const child = spawn(node, [...flags, '--import', path.join(root, 'scripts/end-with-parent.mjs'), program, ...args], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}` },
});
// npm passes SIGINT and SIGTERM on, to its own child alone. (A shell between the two would keep them: the scripts of package.json begin with `exec`.)
// Each is passed on once: Ctrl-C comes to all of them from the terminal and again from npm, which may be when the child has closed everything and is about to end.
const passed = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => passed.has(signal) || (passed.add(signal) && child.kill(signal)));
child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
// Of any other signal npm tells nothing: it is gone, and this process has another parent.
const parent = process.ppid;
if (process.env.npm_lifecycle_event) setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 200);
