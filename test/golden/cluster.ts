import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { parse } from 'yaml';
import { binaries } from '../support/binaries.ts';
import { PATIENCE_MS } from '../support/patience.ts';

export type Minor = 33 | 35;

export interface ClusterOptions {
  /** More arguments of `logplane up`. */
  readonly args?: readonly string[];
  /** Which kubectl and helm are on the PATH of `run`. */
  readonly version?: Minor;
  /** Options of Node for the host's process. */
  readonly node?: readonly string[];
  /** Keep the log on disk, so that the host can be killed and started again. Default: in memory. */
  readonly durable?: boolean;
  /** The host's wall clock can be set, by `setClock`. */
  readonly shiftedClock?: boolean;
}

/** Starts a host in a process of its own, on a free port, and resolves once it serves. `await using` stops it and removes what it wrote. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = new Cluster(options);
  await cluster.start();
  return cluster;
}

/** A running host, and the clients that a user would point at it. */
export class Cluster {
  /** Everything of this cluster on disk: data, kubeconfig, kubectl's cache. */
  readonly dir = mkdtempSync(path.join(tmpdir(), 'logplane-golden-'));
  readonly kubeconfig = path.join(this.dir, 'kubeconfig');
  readonly #options: ClusterOptions;
  // Connections are kept, as those of real clients are.
  readonly #agent = new Agent({ keepAlive: true });
  /** Fixed by the first start, so that clients find the host again after a restart. */
  #port = 0;
  #host: HostProcess | undefined;

  constructor(options: ClusterOptions) {
    this.#options = options;
    if (options.shiftedClock) this.setClock(0);
    const tools = binaries(options.version ?? 35);
    if (!tools) return;
    mkdirSync(path.join(this.dir, 'bin'));
    for (const [name, file] of Object.entries(tools)) symlinkSync(file, path.join(this.dir, 'bin', name));
  }

  async start(): Promise<void> {
    const { args = [], durable = false, node = [] } = this.#options;
    const storage = durable ? ['--data', path.join(this.dir, 'data')] : ['--memory'];
    this.#host = startHost(['--port', String(this.#port), '--kubeconfig', this.kubeconfig, '--profile', 'plain', ...storage, ...args], {
      node: [...this.node, ...node],
    });
    await this.#host.printed('Serving.');
    this.#port = Number(new URL(this.url).port);
  }

  /** Sets the wall clock of the host, now and from its next start on: so many ms off the real one. */
  setClock(offsetMs: number): void {
    writeFileSync(`${this.#clockFile}.new`, String(offsetMs));
    renameSync(`${this.#clockFile}.new`, this.#clockFile);
  }

  /** Arguments of `node` that a host of this cluster needs. */
  get node(): readonly string[] {
    return this.#options.shiftedClock ? ['--import', `${SHIFTED_CLOCK}?file=${this.#clockFile}`] : [];
  }

  get #clockFile(): string {
    return path.join(this.dir, 'clock');
  }

  get host(): HostProcess {
    return this.#host!;
  }

  get url(): string {
    return readKubeconfig(this.kubeconfig).server;
  }

  /** Runs a line of shell as a user would type it, with this cluster's kubectl and helm. Standard output and error come as one text. */
  async run(line: string, { env = {} }: { env?: Record<string, string> } = {}): Promise<Finished> {
    return finished(
      spawn('bash', ['-c', `exec 2>&1\n${line}`], {
        stdio: ['ignore', 'pipe', 'pipe'],
        // A failure bound, not a wait: what waits for a condition says for how long itself.
        timeout: PATIENCE_MS,
        cwd: import.meta.dirname,
        env: { ...process.env, ...this.clientEnv, ...env },
      }),
    );
  }

  /** What a client needs in its environment to find this cluster, and nothing of the machine's own configuration. */
  get clientEnv(): Record<string, string> {
    const home = path.join(this.dir, 'home');
    return {
      PATH: `${path.join(this.dir, 'bin')}:${process.env.PATH}`,
      KUBECONFIG: this.kubeconfig,
      KUBECACHEDIR: path.join(this.dir, 'cache'),
      HOME: home,
      TMPDIR: this.dir,
      TZ: 'UTC',
    };
  }

  /** One request over HTTPS with the token of the kubeconfig, as curl would send it. */
  async fetch(target: string, sent: Sent = {}): Promise<Answer> {
    const response = await this.#send(target, sent);
    const text = await textOf(response);
    return { status: response.statusCode!, text, json: () => JSON.parse(text) };
  }

  /** An answer that goes on, such as a watch's; `ended` once its connection is closed, in whatever way. */
  stream(target: string): { seen(text: string): Promise<void>; ended: Promise<void> } {
    const arrived = new Arrivals();
    const ended = this.#send(target, {}).then((response) => {
      response.setEncoding('utf8').on('data', (part) => arrived.add(part));
      return new Promise<void>((resolve) => response.on('error', () => undefined).on('close', resolve));
    });
    return { seen: (text) => Promise.race([arrived.include(text), ended.then(() => Promise.reject(new Error(`the stream ended before "${text}"`)))]), ended };
  }

  #send(target: string, { method = 'GET', headers = {}, body }: Sent): Promise<IncomingMessage> {
    const { server, token, ca } = readKubeconfig(this.kubeconfig);
    return new Promise((resolve, reject) => {
      const sent = request(new URL(target, server), { method, ca, agent: this.#agent, headers: { authorization: `Bearer ${token}`, ...headers } }, resolve);
      sent.on('error', reject);
      sent.end(body);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    await this.#host?.stop();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What the kubeconfig that the host wrote says. */
export function readKubeconfig(file: string): { server: string; token: string; ca: string } {
  const { clusters, users } = parse(readFileSync(file, 'utf8'));
  return {
    server: clusters[0].cluster.server,
    token: users[0].user.token,
    ca: Buffer.from(clusters[0].cluster['certificate-authority-data'], 'base64').toString(),
  };
}

/** Starts `logplane up` with these arguments. */
export function startHost(args: readonly string[], { stdin = 'ignore', node = [] }: { stdin?: 'ignore' | 'pipe'; node?: readonly string[] } = {}): HostProcess {
  const child = spawn(process.execPath, [...node, CLI, 'up', ...args], { stdio: [stdin, 'pipe', 'pipe'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return new HostProcess(child);
}

/** No host outlives the tests, however they end. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const CLI = path.resolve(import.meta.dirname, '../../local/cli.ts');
const SHIFTED_CLOCK = new URL('../support/shifted-clock.mjs', import.meta.url).href;

export interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  json(): unknown;
}

export interface Finished {
  readonly code: number | null;
  readonly text: string;
}

/** A host's process: what it printed, how it ended. */
export class HostProcess {
  readonly process: ChildProcess;
  readonly ended: Promise<Finished>;
  readonly #printed = new Arrivals();

  constructor(child: ChildProcess) {
    this.process = child;
    for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', (part) => this.#printed.add(part));
    this.ended = finished(child);
  }

  /** Resolves once the host printed `text`; rejects with all that it printed when it ends without. */
  printed(text: string): Promise<void> {
    const ended = this.ended.then((end) => {
      throw new Error(`the host ended with ${end.code} before it printed "${text}":\n${end.text}`);
    });
    return Promise.race([this.#printed.include(text), ended]);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Finished> {
    this.process.kill(signal);
    return this.ended;
  }
}

/** Text that comes in parts. */
export class Arrivals {
  #text = '';
  readonly #waiting = new Set<() => void>();

  add(part: string): void {
    this.#text += part;
    for (const look of this.#waiting) look();
  }

  /** Resolves once it includes `text`. */
  include(text: string): Promise<void> {
    return this.#until(() => this.#text.includes(text));
  }

  match(pattern: RegExp): Promise<void> {
    return this.#until(() => pattern.test(this.#text));
  }

  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}

function finished(child: ChildProcess): Promise<Finished> {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (part) => {
      text += part;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, text }));
  });
}
