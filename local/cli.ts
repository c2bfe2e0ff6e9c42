#!/usr/bin/env node
import { mkdirSync } from 'node:fs';
import module from 'node:module';
import { compileCachePath } from './installed.ts';

// What Node strips of types, and V8 compiles, is kept for the next start: that is half of the time of one. It holds for modules that are loaded later, so that this
// file imports next to none of them (Node documentation, "Module compile cache"). Where it cannot be written, or Node knows of none, a start takes as long as the first.
try {
  mkdirSync(compileCachePath(), { recursive: true, mode: 0o700 });
  module.enableCompileCache?.(compileCachePath());
} catch {
  // A home that cannot be written to.
}

if (!('union' in Set.prototype)) await import('./older-node/language.ts');
const { runCommandLine } = await import('./command-line.ts');
const { processTerminal } = await import('./process-terminal.ts');
// It ends by itself, when what it prints is written.
process.exitCode = await runCommandLine(process.argv.slice(2), processTerminal());
