import { type AskPort, noWebhooks } from '../admission/ask.ts';
import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import { createServer } from '../api/server.ts';
import { ClusterCredentials } from '../auth/cluster-credentials.ts';
import { staticTokens } from '../auth/static-tokens.ts';
import { bootstrapObjects } from '../bootstrap/initial-objects.ts';
import { clusterReconcilers } from '../clusters/cluster-reconcilers.ts';
import { clustersWorker } from '../clusters/clusters-worker.ts';
import { figuresOf } from '../clusters/figures.ts';
import { withMoments } from '../clusters/moments.ts';
import { type Opening, openCluster } from '../clusters/open-cluster.ts';
import type { Env } from '../env.ts';
import { ROOT_CLUSTER } from '../kube/cluster-name.ts';
import { branchLog } from '../log/branch-log.ts';
import type { EventLog } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { nodeObjects } from '../nodes/node-objects.ts';
import type { Work } from '../reconcile/worker.ts';
import { OpenClusters } from '../replica/open-clusters.ts';
import { Replica } from '../replica/replica.ts';
import { TestClock } from './clock.ts';
import { NOW, seededEnv } from './env.ts';
import type { Answer, RequestOptions } from './server.ts';

/** Many clusters behind one server, as a host has them: opened when they are asked for, and carried out by the worker when the test says so. */
export class Clusters {
  readonly log: EventLog;
  readonly clock = new TestClock(NOW);
  readonly problems: unknown[] = [];
  readonly #env: Env;
  readonly #open: OpenClusters<Replica>;
  readonly #ask: AskPort;
  readonly #server: ReturnType<typeof createServer>;
  #work: Work | undefined;

  /** `seed`: of its chance and ids, where another process is at the same log. */
  constructor({ log = memoryLog(), seed = 1 }: { log?: EventLog; seed?: number } = {}) {
    this.log = log;
    const env = seededEnv({ clock: this.clock, seed });
    this.#env = env;
    this.#ask = withMoments(noWebhooks, { log, replicaOf: (name) => this.replicaOf(name) });
    this.#open = new OpenClusters((name) => openCluster(this.#opening, name), { budgetBytes: 1e9 });
    this.#server = createServer({
      replicaOf: (name) => this.replicaOf(name),
      defaultCluster: 'default',
      env,
      ask: this.#ask,
      authenticator: staticTokens({ admin: { username: 'admin', groups: ['system:masters'] }, alice: { username: 'alice', groups: [] } }),
      clusterCredentials: new ClusterCredentials({ key: new Uint8Array(32) }),
      endpoint: () => ({ url: 'https://host.test', ca: 'CA' }),
      clusterFigures: (of) => figuresOf(log, of, { open: this.#open.kept(of.name) }),
      problem: (_message, error) => this.problems.push(error),
    });
  }

  get #opening(): Opening {
    const { log } = this;
    const env = this.#env;
    return {
      log,
      env,
      admissionPlugins: defaultAdmissionPlugins,
      open: (branch) => Replica.open({ log: branchLog(log, branch), cluster: branch.cluster, logName: branch.log, env }),
      beginning: {
        defaultCluster: 'default',
        objectsOf: (nodes = 0, now) => [...bootstrapObjects(now), ...nodeObjects(nodes, now)],
        root: async () => (await this.replicaOf(ROOT_CLUSTER))!,
      },
    };
  }

  async replicaOf(name: string): Promise<Replica | undefined> {
    const replica = await this.#open.get(name);
    if (!replica?.isOver) return replica;
    this.#open.forget(name);
    return this.#open.get(name);
  }

  /** The host's process ends: what is open is forgotten. */
  restart(): void {
    for (const name of this.#open.names) this.#open.forget(name);
    this.#work = undefined;
  }

  /** Runs the worker of clusters until it has nothing to do now, and resolves to when it asked to be run again. */
  async settle(): Promise<number | undefined> {
    const root = (await this.replicaOf(ROOT_CLUSTER))!;
    this.#work ??= clustersWorker({
      log: this.log,
      env: this.#env,
      replicaOf: (name) => this.replicaOf(name),
      openReplica: (name) => this.#open.kept(name),
      ended: (name) => this.#open.forget(name),
      reconcilers: async () => clusterReconcilers(),
      problem: (_message, error) => this.problems.push(error),
    }).on({ replica: root, env: this.#env, admissionPlugins: defaultAdmissionPlugins, ask: this.#ask, wakeIn: async () => undefined });
    for (let runs = 0; runs < MAX_RUNS; runs++) {
      const next = await this.#work.run();
      if (next === undefined || next > root.now()) return next;
    }
    throw new Error('the worker of clusters does not come to rest');
  }

  /** One request by an administrator, or by the bearer of `token`. */
  async request(line: string, { body, type = 'application/json', token = 'admin' }: RequestOptions = {}): Promise<Answer> {
    const [method, target] = line.split(' ') as [string, string];
    const request = new Request('https://localhost', {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': type }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const response = await this.#server.fetch(request, { target });
    const text = await response.text();
    return {
      code: response.status,
      text,
      headers: response.headers,
      get json() {
        return JSON.parse(text);
      },
    };
  }

  /** Creates a cluster, and resolves to the answer. */
  create(name: string, spec: object = {}): Promise<Answer> {
    return this.request(`POST ${CLUSTERS_PATH}`, { body: { apiVersion: 'logplane.dev/v1', kind: 'Cluster', metadata: { name }, spec } });
  }

  patch(name: string, spec: object): Promise<Answer> {
    return this.request(`PATCH ${CLUSTERS_PATH}/${name}`, { body: { spec }, type: 'application/merge-patch+json' });
  }

  /** The object of a cluster as it is read; undefined: there is none. */
  async object(name: string) {
    const { code, json } = await this.request(`GET ${CLUSTERS_PATH}/${name}`);
    return code === 200 ? json : undefined;
  }
}

export const CLUSTERS_PATH = '/clusters/root/apis/logplane.dev/v1/clusters';

/** More than any work needs. */
const MAX_RUNS = 30;
