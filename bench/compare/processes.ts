import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The processes of a control plane that is measured, each with a log in `dir`. */
export class Processes {
  readonly #dir: string;
  readonly #children: ChildProcess[] = [];

  constructor(dir: string) {
    this.#dir = dir;
  }

  start(file: string, ...args: readonly string[]): void {
    const log = openSync(path.join(this.#dir, `${path.basename(file)}-${this.#children.length}.log`), 'w');
    this.#children.push(spawn(file, args, { stdio: ['ignore', log, log], cwd: this.#dir }));
  }

  get pids(): readonly number[] {
    return this.#children.map(({ pid }) => pid!);
  }

  /** Resolves to the first value that is not undefined. Rejects when a process has ended. A failure of `asked` is none yet. */
  async until<T>(asked: () => Promise<T | undefined>): Promise<T> {
    for (;;) {
      const ended = this.#children.find(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
      if (ended) throw new Error(`${path.basename(ended.spawnfile)} has ended: see the logs in ${this.#dir}`);
      const value = await asked().catch(() => undefined);
      if (value !== undefined) return value;
      await sleep(10);
    }
  }

  /** The last one first. */
  async stop(): Promise<void> {
    for (const child of this.#children.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
  }
}

/** In MiB. */
export const residentMemory = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024, 0);

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
