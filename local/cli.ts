#!/usr/bin/env node
import { mkdirSync } from 'node:fs';
import module from 'node:module';
import path from 'node:path';
import { compileCachePath } from './installed.ts';

// What Node strips of types, and V8 compiles, is kept for the next start: that is half of the time of one. It holds for modules that are loaded later, so that this
// file imports next to none of them (Node documentation, "Module compile cache"). Where it cannot be written, or Node knows of none, a start takes as long as the first.
try {
  mkdirSync(compileCachePath(), { recursive: true, mode: 0o700 });
  module.enableCompileCache?.(compileCachePath());
} catch {
  // A home that cannot be written to.
}

// What follows does not load where Node is older.
if (Number.parseInt(process.versions.node, 10) < 20) {
  process.stderr.write(`logplane: it needs Node 20 or newer, and this is ${process.versions.node}: put a newer one first on the PATH\n`);
  process.exitCode = 1;
} else {
  if (!('union' in Set.prototype)) await import('./older-node/language.ts');
  const { runCommandLine } = await import('./command-line.ts');
  const { processTerminal } = await import('./process-terminal.ts');
  const [, program = '', ...args] = process.argv;
  // kubectl runs the program of this name to complete what is typed after `kubectl logplane`.
  const isCompletion = path.basename(program) === 'kubectl_complete-logplane';
  // It ends by itself, when what it prints is written.
  process.exitCode = await runCommandLine(isCompletion ? ['__complete', '--for-kubectl', '--', ...args] : args, processTerminal());
}
