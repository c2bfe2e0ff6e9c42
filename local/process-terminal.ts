import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { hasColours, type Terminal } from './terminal.ts';

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdout, stderr, stdin, env } = process;
  // `kubectl logplane …` runs the program of this name.
  const isPlugin = path.basename(process.argv[1] ?? '').startsWith('kubectl-');
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    columns: stdout.isTTY ? stdout.columns : undefined,
    colours: hasColours(stdout, env),
    env,
    cwd: process.cwd(),
    isPlugin,
    confirm: stdin.isTTY && stderr.isTTY ? confirm : undefined,
    exitCode: 0,
  };
}

async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}
