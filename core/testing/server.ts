import { createServer, type ServerOptions } from '../api/server.ts';
import { staticTokens } from '../auth/static-tokens.ts';
import { bootstrapPolicy } from '../controllers/control-plane/bootstrap-policy.ts';
import type { KubeObject } from '../kube/object.ts';
import type { EventLog } from '../log/log.ts';
import type { Replica } from '../replica/replica.ts';
import type { TestClock } from './clock.ts';
import { Cluster } from './cluster.ts';
import { START } from './env.ts';
import { namespace } from './objects.ts';
import { resourceNameOf } from './state.ts';

/** A server with one cluster, `main` (cluster.ts), and what a test needs to drive it. */
export interface TestServer {
  readonly replica: Replica;
  readonly clock: TestClock;
  /** What the server reports to its host: bugs. */
  readonly problems: unknown[];
  /** One request by an administrator (or by the bearer of `token`; null: an anonymous one). What is no string, bytes or stream goes as JSON. */
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
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any shape
  readonly json: any;
  readonly headers: Headers;
}

/** The tokens of the test server, and their users. */
export const bearers = {
  admin: { username: 'admin', groups: ['system:masters'] },
  alice: { username: 'alice', groups: ['developers'] },
};

export interface TestServerOptions extends Partial<ServerOptions> {
  /** What is there at the beginning. */
  readonly objects?: readonly KubeObject[];
  /** Whether the default roles and bindings are there, before all else. Without them no one but administrators may do anything. */
  readonly roles?: boolean;
  /** How many changes are kept at least (it forgets when there are twice as many). */
  readonly historyLimit?: number;
  readonly log?: EventLog;
}

export async function testServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { objects = [namespace('default')], roles = false, historyLimit, log, ...server } = options;
  const { replica, clock, env } = await Cluster.start({
    now: START,
    ...(roles && { objects: bootstrapPolicy() }),
    ...(log && { log }),
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

/** Where an object is posted: the plural is made by the rule that nearly all kinds follow. */
function collectionOf(object: KubeObject): string {
  const { apiVersion, metadata } = object;
  const prefix = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${prefix}${metadata.namespace ? `/namespaces/${metadata.namespace}` : ''}/${resourceNameOf(object).split('.')[0]}`;
}
