import { Agent, request } from 'node:https';
import { text as textOf } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { KubeConfig } from '@kubernetes/client-node';

/** One client of any API server, over HTTPS with connections that are kept: as little on its side as can be, so that it is the server that is measured. */
export class Connection {
  readonly server: URL;
  readonly #agent: Agent;
  readonly #headers: Readonly<Record<string, string>>;

  /** The one that a context of a kubeconfig leads to, unless told the current one. */
  static async of(kubeconfig: string, { context, clients = 64 }: { context?: string | undefined; clients?: number } = {}): Promise<Connection> {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    if (context !== undefined) config.setCurrentContext(context);
    const options: Parameters<KubeConfig['applyToHTTPSOptions']>[0] = {};
    await config.applyToHTTPSOptions(options);
    const { headers, agent: _, ...tls } = options;
    // Watches have connections of their own.
    const agent = new Agent({ keepAlive: true, maxSockets: clients + WATCHES, ...tls } as ConstructorParameters<typeof Agent>[0]);
    return new Connection(new URL(config.getCurrentCluster()!.server), agent, (headers ?? {}) as Record<string, string>);
  }

  private constructor(server: URL, agent: Agent, headers: Readonly<Record<string, string>>) {
    this.server = server;
    this.#agent = agent;
    this.#headers = headers;
  }

  /** Resolves to the answer; rejects with what the server says where that is an error. */
  async call<T = unknown>(method: string, target: string, body?: unknown): Promise<T> {
    return JSON.parse(await this.text(method, target, body)) as T;
  }

  /** The same, and what the client makes of JSON is not counted. */
  text(method: string, target: string, body?: unknown): Promise<string> {
    return new Promise((resolve, reject) => {
      const sent = this.#open(method, target, (response) => {
        textOf(response).then((text) => {
          if (response.statusCode! < 300) resolve(text);
          else reject(new Error(`${method} ${target}: ${response.statusCode} ${text.slice(0, 300)}`));
        }, reject);
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** A GET as kubectl and client-go ask, compressed where the server does that. Resolves when all of it is there. */
  compressed(target: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const sent = this.#open(
        'GET',
        target,
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
          response.on('end', () => {
            const all = Buffer.concat(chunks);
            resolve((response.headers['content-encoding'] === 'gzip' ? gunzipSync(all) : all).toString());
          });
        },
        { 'accept-encoding': 'gzip' },
      );
      sent.on('error', reject).end();
    });
  }

  /** Calls `each` for every line of a watch. Resolves, when the server has begun to answer, to what ends it. */
  watch(target: string, each: (line: string) => void): Promise<() => void> {
    return new Promise((resolve, reject) => {
      let rest = '';
      const sent = this.#open('GET', target, (response) => {
        response.setEncoding('utf8').on('data', (chunk: string) => {
          const lines = (rest + chunk).split('\n');
          rest = lines.pop()!;
          for (const line of lines) if (line) each(line);
        });
        response.on('error', () => undefined);
        resolve(() => sent.destroy());
      });
      sent.on('error', reject).end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  #open(method: string, target: string, answered: Parameters<typeof request>[2], more: Readonly<Record<string, string>> = {}) {
    const headers = { ...this.#headers, 'content-type': 'application/json', accept: 'application/json', ...more };
    const { hostname, port, pathname } = this.server;
    return request({ agent: this.#agent, hostname, port, method, path: pathname.replace(/\/$/, '') + target, headers }, answered);
  }
}

const WATCHES = 16;
