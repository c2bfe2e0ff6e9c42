import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import path from 'node:path';
import { parse } from 'yaml';
import v8Flags from '../local/v8-flags.json' with { type: 'json' };
import { bundled } from '../scripts/bundle-sources.mjs';

/** A local host in a process of its own, as `npm start` runs it, and a client that speaks to it over HTTPS. */
export class HostProcess {
  readonly #child: ChildProcess;
  readonly #agent: Agent;
  readonly #server: URL;
  readonly #token: string;
  readonly kubeconfig: string;

  private constructor(child: ChildProcess, kubeconfig: string, connections: number) {
    this.#child = child;
    this.kubeconfig = kubeconfig;
    const config = parse(readFileSync(kubeconfig, 'utf8'));
    const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster;
    this.#server = new URL(server);
    this.#token = config.users[0].user.token;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, ca: Buffer.from(ca, 'base64') });
  }

  /** Starts a host on a free port; resolves when it says where it serves. */
  static async start({ data, nodes = 3, connections = 64 }: { data: string; nodes?: number; connections?: number }): Promise<HostProcess> {
    const root = path.resolve(import.meta.dirname, '..');
    const args = [...v8Flags, '--import', path.join(root, 'scripts/end-with-parent.mjs'), await bundled(root, 'local/cli.ts')];
    const child = spawn(process.execPath, [...args, 'up', '--port', '0', '--data', data, '--nodes', String(nodes)], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    await new Promise<void>((resolve, reject) => {
      let text = '';
      child.stdout!.on('data', (chunk) => {
        text += chunk;
        if (text.includes('Serving.')) resolve();
      });
      child.once('exit', (code) => reject(new Error(`the host ended with ${code}`)));
    });
    return new HostProcess(child, path.join(data, 'kubeconfig'), connections);
  }

  get server(): string {
    return this.#server.origin;
  }

  /** Resident memory of the process, in MiB. */
  get rss(): number {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8'))![1]) / 1024;
  }

  /** Computing time that the process has taken so far, in seconds: unlike the time on the wall, about the same beside other work. */
  get cpu(): number {
    const [user, system] = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ').slice(11, 13).map(Number) as [number, number];
    return (user + system) / TICKS_PER_S;
  }

  async call<T = Record<string, never>>(method: string, url: string, body?: unknown): Promise<T> {
    const { status, text } = await this.exchange(method, url, body);
    if (status >= 300) throw new Error(`${method} ${url}: ${status} ${text.slice(0, 300)}`);
    return JSON.parse(text) as T;
  }

  exchange(method: string, url: string, body?: unknown): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const sent = this.#open(method, url, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode!, text: Buffer.concat(chunks).toString() }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** A GET as client-go asks: what comes of it, still compressed. */
  compressed(url: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const answered = (response: IncomingMessage) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks)));
        response.on('error', reject);
      };
      this.#open('GET', url, answered, { 'accept-encoding': 'gzip' }).on('error', reject).end();
    });
  }

  /** Calls `each` for every event of a watch, until the returned function is called. */
  watch(url: string, each: (event: { type: string; object: Record<string, unknown> }) => void): () => void {
    return this.lines(url, (line) => each(JSON.parse(line)));
  }

  /** Calls `each` for every line of an answer that goes on, until the returned function is called. */
  lines(url: string, each: (line: string) => void): () => void {
    let rest = '';
    const sent = this.#open('GET', url, (response) => {
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop()!;
        for (const line of lines) if (line) each(line);
      });
    });
    sent.on('error', () => undefined);
    sent.end();
    return () => sent.destroy();
  }

  /** Stops it as Ctrl-C does. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#agent.destroy();
    this.#child.kill('SIGTERM');
    await ended;
  }

  #open(method: string, url: string, answered: (response: IncomingMessage) => void, more: Record<string, string> = {}) {
    const { hostname, port } = this.#server;
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json', accept: 'application/json', ...more };
    return request({ agent: this.#agent, hostname, port, method, path: url, headers }, answered);
  }
}

/** USER_HZ (man 5 proc): the same on all machines with Linux. */
const TICKS_PER_S = 100;
