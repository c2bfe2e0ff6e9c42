#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import path from 'node:path';

// What Node strips of types, and V8 compiles, is kept for the next start: that is half of the time of one. It holds for modules that are loaded later, so that this
// file imports none of them (Node documentation, "Module compile cache"). Where it cannot be written, a start takes as long as the first.
enableCompileCache(path.resolve(import.meta.dirname, '../node_modules/.cache/logplane/compiled'));

const { runCommandLine } = await import('./command-line.ts');
const { processTerminal } = await import('./process-terminal.ts');
// It ends by itself, when what it prints is written.
process.exitCode = await runCommandLine(process.argv.slice(2), processTerminal());
