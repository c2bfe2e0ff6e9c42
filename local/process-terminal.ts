import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { hasColours, Interrupted, type Terminal } from './terminal.ts';

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdout, stderr, stdin, env } = process;
  for (const stream of [stdout, stderr]) stream.on('error', unlessReaderIsGone);
  // `kubectl logplane …` runs the program of this name.
  const isPlugin = path.basename(process.argv[1] ?? '').startsWith('kubectl');
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    columns: stdout.isTTY ? stdout.columns : undefined,
    colours: hasColours(stdout, env),
    env,
    cwd: process.cwd(),
    isPlugin,
    confirm: stdin.isTTY && stderr.isTTY ? confirm : undefined,
    interrupted,
    exitCode: 0,
  };
}

/** `| head` takes what it wants. What a verb does, it does to the end all the same. */
function unlessReaderIsGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** From here on Ctrl-C does not end the process, once: a second one does. */
function interrupted(): AbortSignal {
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort(new Interrupted()));
  return abort.signal;
}

async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}
