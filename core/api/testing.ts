import { staticTokens } from '../auth/static-tokens.ts';
import { type Env, idsFrom, systemEnv } from '../env.ts';
import { type Elapsed, elapsedAt, type RealInstant, realInstant } from '../instant.ts';
import type { KubeObject } from '../kube/object.ts';
import type { EventLog } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { Replica } from '../replica/replica.ts';
import { createServer, type ServerOptions } from './server.ts';

/** A server with one cluster, `main`, on a memory log, and what a test needs to drive it. */
export interface TestServer {
  readonly replica: Replica;
  readonly clock: TestClock;
  /** What the host was told of: bugs. */
  readonly problems: unknown[];
  /** One request by an administrator (or by whom `token` names; null: nobody). What is no string, bytes or stream goes as JSON. */
  request(line: string, options?: RequestOptions): Promise<Answer>;
  /** The same, as the response itself: for streams. */
  response(line: string, options?: RequestOptions): Promise<Response>;
  /** Creates objects through the API and fails the test if one is refused. */
  create(...objects: KubeObject[]): Promise<KubeObject[]>;
}

export interface RequestOptions {
  readonly body?: unknown;
  readonly type?: string;
  readonly accept?: string;
  readonly token?: string | null;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly code: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server answers
  readonly json: any;
  readonly headers: Headers;
}

/** Tokens of the test server and who bears them. */
export const bearers = {
  admin: { username: 'admin', groups: ['system:masters'] },
  alice: { username: 'alice', groups: ['developers'] },
};

export interface TestServerOptions extends Partial<ServerOptions> {
  /** What is there at the beginning. */
  readonly objects?: readonly KubeObject[];
  /** How many changes are kept at least (it forgets when there are twice as many). */
  readonly historyLimit?: number;
  readonly log?: EventLog;
}

export async function testServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { objects = [namespace('default')], historyLimit, log = memoryLog(), ...server } = options;
  const clock = new TestClock(Date.parse('2026-01-01T00:00:00Z'));
  const env: Env = { clock, random: { next: () => 0.5 }, ids: idsFrom({ next: Math.random }) };
  const replica = await Replica.open({
    log,
    cluster: 'main',
    env,
    freeze: true,
    ...(historyLimit !== undefined && { history: { limit: historyLimit } }),
  });
  const problems: unknown[] = [];
  const { fetch } = createServer({
    replicaOf: async (name) => (name === 'main' ? replica : undefined),
    defaultCluster: 'main',
    env,
    authenticator: staticTokens(bearers),
    problem: (_message, error) => problems.push(error),
    ...server,
  });
  const response = (line: string, { body, type = 'application/json', accept, token = 'admin', headers, signal }: RequestOptions = {}) => {
    const [method, target] = line.split(' ') as [string, string];
    return fetch(
      new Request('https://localhost', {
        method,
        headers: {
          ...(token !== null && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': type }),
          ...(accept !== undefined && { accept }),
          ...headers,
        },
        ...(body !== undefined && { body: isRaw(body) ? body : JSON.stringify(body), duplex: 'half' }),
        ...(signal && { signal }),
      }),
      { target },
    );
  };
  const request = async (line: string, options?: RequestOptions): Promise<Answer> => {
    const answer = await response(line, options);
    const text = await answer.text();
    return { code: answer.status, text, json: parsed(text), headers: answer.headers };
  };
  const create = (...created: KubeObject[]) =>
    Promise.all(
      created.map(async (object) => {
        const answer = await request(`POST ${collectionOf(object)}`, { body: object });
        if (answer.code !== 201) throw new Error(answer.text);
        return answer.json as KubeObject;
      }),
    );
  for (const object of objects) await create(object);
  return { replica, clock, problems, request, response, create };
}

const isRaw = (body: unknown): body is string => typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where an object is posted: the plural is made by the rule that the kinds of these tests follow. */
function collectionOf({ apiVersion, kind, metadata }: KubeObject): string {
  const prefix = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${prefix}${metadata.namespace ? `/namespaces/${metadata.namespace}` : ''}/${kind.toLowerCase()}s`;
}

export const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

export const configMap = (name: string, fields: { labels?: Record<string, string>; data?: Record<string, string>; namespace?: string } = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: fields.namespace ?? 'default', ...(fields.labels && { labels: fields.labels }) },
  ...(fields.data && { data: fields.data }),
});

export const pod = (name: string, fields: { labels?: Record<string, string>; nodeName?: string } = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', ...(fields.labels && { labels: fields.labels }) },
  spec: { ...(fields.nodeName && { nodeName: fields.nodeName }), containers: [{ name: 'main', image: 'nginx' }] },
});

/**
 * Targets of DELETE requests that are taken for a collection or a namespace by what folds paths, decodes them twice, or leaves out parts of them or of queries; and the code
 * that each gets.
 */
export const misread: readonly { readonly target: string; readonly code: number }[] = [
  ...below('/api/v1/namespaces/default/configmaps/', {
    // Names that no object can have, and the slash behind which a name may have been left out.
    400: ['.', '%2e', '..', '%2e%2E', '.%2e', '%2e.', './', '../', '%2f', 'a%2F', '..%2fconfigmaps', '%252e', 'a%25', '', '?', '.?labelSelector=a'],
    // Names that may be: there is no such object.
    404: ['%00', '%20', '%0a', '%3F', '%3Fa', '#', '%23', ';', ';a=b', '\\', '%5c', '...', '.%20', '..;', '..%00', '/', 'a//', 'a/..', 'a/../', 'a/../..'],
  }),
  ...below('/api/v1/namespaces/default/configmaps', {
    400: ['%', '%z', '%zz', '%2', '/%', '/%zz', '/%ff', '/%c0%ae', '?a;b', '?labelSelector=a;b', '?labelSelector=a%3Db%zz', '?dryRun=All;labelSelector=a'],
    404: ['%2f', '/../configmaps', '/../../default', '%20', '%00', ';', '..'],
  }),
  ...below('/api/v1/namespaces/default', {
    400: ['/', '%2f', '%2fconfigmaps', '%2f.'],
    404: ['//configmaps', '/./configmaps', '/.', '/..', '/../default', '%00', ';', '#'],
  }),
  ...below('/api/v1/namespaces/', { 400: ['../configmaps', '%2e%2e/configmaps'], 404: ['/configmaps', '/default', './default', '../namespaces/default'] }),
  ...below('/', {
    404: ['/api/v1/namespaces/default', './api/v1/namespaces/default', 'api/v1//namespaces/default', 'clusters/../api/v1/namespaces/default'],
    405: ['version/../api/v1/namespaces/default'],
  }),
];

function below(path: string, codes: Readonly<Record<number, readonly string[]>>) {
  return Object.entries(codes).flatMap(([code, ends]) => ends.map((end) => ({ target: path + end, code: Number(code) })));
}

/** A log whose entries up to an offset have been deleted once `forget` was called, as retention does. */
export function forgetfulLog(): EventLog & { forget(upTo: number): void } {
  const log = memoryLog();
  let forgotten = 0;
  return {
    ...log,
    forget(upTo) {
      forgotten = upTo;
    },
    async *read(cluster, options) {
      for await (const entry of log.read(cluster, options)) if (entry.offset > forgotten) yield entry;
    },
  };
}

/** A clock that stands until the test moves it on. */
export class TestClock {
  #now: number;
  /** How far somebody has set the wall clock. */
  #jumped = 0;
  readonly #sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();

  constructor(now: number) {
    this.#now = now;
  }

  now = (): RealInstant => realInstant(this.#now + this.#jumped);

  elapsed = (): Elapsed => elapsedAt(this.#now);

  turn = systemEnv.clock.turn;

  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper = { at: this.#now + ms, wake: () => done() };
      const done = () => {
        this.#sleepers.delete(sleeper);
        resolve();
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', done, { once: true });
    });

  /** How many wait for a time to come. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  /** Somebody sets the wall clock. */
  jump(ms: number): void {
    this.#jumped += ms;
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const { at, wake } of [...this.#sleepers]) if (at <= this.#now) wake();
  }
}
