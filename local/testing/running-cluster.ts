import path from 'node:path';
import { apisOf } from '../../core/apis/apis.ts';
import { CLUSTERS, type Cluster } from '../../core/apis/logplane/cluster.ts';
import { ROOT_CLUSTER } from '../../core/kube/cluster-name.ts';
import { kubeconfigOf } from '../../core/kube/kubeconfig.ts';
import type { Replica } from '../../core/replica/replica.ts';
import type { Host } from '../host.ts';
import { writeKubeconfigText } from '../kubeconfig.ts';
import { applyAll } from './apply-all.ts';
import { ask, type Fetch, targeted } from './ask.ts';
import { ReplicaClock } from './replica-clock.ts';
import { collectionOf } from './resource-named.ts';
import type {
  Applied,
  Change,
  ChangesOptions,
  ForkOptions,
  KubernetesObject,
  ListOptions,
  ReadyOptions,
  TestClock,
  TestCluster,
  UntilOptions,
} from './test-cluster.ts';
import { until } from './until.ts';
import { readinessIn } from './until-ready.ts';

/** A cluster of a host in this process. The first one of a host stops that, with all forks; a fork stops by itself. */
export class RunningCluster implements TestCluster {
  readonly name: string;
  readonly clock: TestClock;
  readonly #shared: Shared;
  readonly #replica: Replica;
  readonly #isFork: boolean;
  #stopped: Promise<void> | undefined;

  static async of(host: Host, name: string): Promise<RunningCluster> {
    return new RunningCluster(
      { host, stop: new AbortController(), forks: 0, listening: host.isListening ? Promise.resolve() : undefined },
      await open(host, name),
      false,
    );
  }

  private constructor(shared: Shared, replica: Replica, isFork: boolean) {
    this.name = replica.cluster;
    this.#shared = shared;
    this.#replica = replica;
    this.#isFork = isFork;
    this.clock = new ReplicaClock(replica, { settled: () => this.settled(), work: () => shared.host.workOf(replica) });
  }

  get url(): Promise<string> {
    const { host } = this.#shared;
    return this.#listen().then(() => `${host.url}${this.#isFork ? `/clusters/${this.name}` : ''}`);
  }

  get kubeconfig(): Promise<string> {
    return this.url.then((server) => kubeconfigOf([{ name: `logplane-${this.name}`, server, ca: this.ca, token: this.token }]));
  }

  get ca(): string {
    return this.#shared.host.ca;
  }

  get token(): string {
    return this.#shared.host.token;
  }

  get offset(): number {
    return this.#replica.state.offset;
  }

  async writeKubeconfig(file: string): Promise<string> {
    const whole = path.resolve(file);
    writeKubeconfigText(whole, await this.kubeconfig);
    return whole;
  }

  readonly fetch: Fetch = async (input, init) => {
    this.#assertRuns();
    const { request, target } = targeted(input, init, { cluster: this.name, token: this.token });
    // Watches end with the cluster, as they do on the network.
    const signal = AbortSignal.any([request.signal, this.#shared.stop.signal]);
    return this.#shared.host.fetch(new Request(request, { signal }), { target });
  };

  async apply(manifests: string | URL | object | readonly object[]): Promise<readonly Applied[]> {
    this.#assertRuns();
    return applyAll(manifests, { fetch: this.fetch, apis: () => apisOf(this.#replica.state) });
  }

  async get<T = KubernetesObject>(kind: string, name: string, { namespace }: { readonly namespace?: string } = {}): Promise<T | undefined> {
    return (await ask(this.fetch, 'GET', this.#path(kind, { namespace: namespace ?? 'default', name }))) as T | undefined;
  }

  async list<T = KubernetesObject>(kind: string, { namespace, ...selectors }: ListOptions = {}): Promise<T[]> {
    return this.#items<T>(this.#path(kind, { namespace }), selectors);
  }

  async delete(kind: string, name: string, { namespace }: { readonly namespace?: string } = {}): Promise<boolean> {
    return (await ask(this.fetch, 'DELETE', this.#path(kind, { namespace: namespace ?? 'default', name }))) !== undefined;
  }

  async changes({ namespace, fieldSelector, labelSelector }: ChangesOptions = {}): Promise<Change[]> {
    const inOrder = [fieldSelector, 'order=oldest'].filter(Boolean).join(',');
    return this.#items<Change>(this.#path('changes.logplane.dev', { namespace }), { fieldSelector: inOrder, ...(labelSelector && { labelSelector }) });
  }

  async untilReady({ of, namespace, ...options }: ReadyOptions = {}): Promise<void> {
    const readiness = readinessIn(this.#replica, { of: of === undefined ? undefined : [of].flat(), namespace });
    await this.until(() => readiness.isReached(), { what: 'all is ready', ...options, unmet: () => readiness.missing() });
  }

  async until<T>(condition: () => T | Promise<T>, options: UntilOptions & { unmet?: () => string } = {}): Promise<NonNullable<T>> {
    this.#assertRuns();
    return until(condition, { ...options, replica: this.#replica, stop: this.#shared.stop.signal });
  }

  async settled(): Promise<void> {
    this.#assertRuns();
    await this.#shared.host.settled(this.name);
  }

  async fork({ at, name = `fork-${++this.#shared.forks}` }: ForkOptions = {}): Promise<TestCluster> {
    this.#assertRuns();
    const moment = at instanceof Date ? at.toISOString() : at;
    const spec: Cluster['spec'] = { forkOf: { name: this.name, ...(moment !== undefined && { at: moment }) } };
    await ask(this.fetch, 'POST', CLUSTERS_PATH, { apiVersion: 'logplane.dev/v1', kind: 'Cluster', metadata: { name }, spec });
    return new RunningCluster(this.#shared, await open(this.#shared.host, name), true);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#isFork ? this.#remove() : this.#close();
    return this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #remove(): Promise<void> {
    const { host, stop } = this.#shared;
    if (stop.signal.aborted) return;
    const request = new Request('http://localhost', { method: 'DELETE', headers: { authorization: `Bearer ${host.token}` } });
    await host.fetch(request, { target: `${CLUSTERS_PATH}/${this.name}` });
    await host.settled(ROOT_CLUSTER);
  }

  async #close(): Promise<void> {
    const { host, stop, listening } = this.#shared;
    stop.abort(new Error('the cluster has been stopped'));
    await listening?.catch(() => undefined);
    await host.close();
  }

  async #listen(): Promise<void> {
    this.#assertRuns();
    this.#shared.listening ??= this.#shared.host.listen(0);
    await this.#shared.listening;
  }

  /** Throws an Error that says which kind is not served. */
  #path(kind: string, { namespace, name }: { readonly namespace?: string | undefined; readonly name?: string }): string {
    return collectionOf(apisOf(this.#replica.state), kind, namespace) + (name === undefined ? '' : `/${encodeURIComponent(name)}`);
  }

  /** All pages of a list. */
  async #items<T>(collection: string, selectors: Readonly<Record<string, string | undefined>>): Promise<T[]> {
    const items: T[] = [];
    for (let next: string | undefined = ''; next !== undefined; ) {
      const given = Object.entries({ ...selectors, continue: next }).filter((pair): pair is [string, string] => Boolean(pair[1]));
      const page = (await ask(this.fetch, 'GET', `${collection}?${new URLSearchParams(given)}`)) as List<T> | undefined;
      const { apiVersion, kind } = page ?? {};
      // Items of a list do not say what they are: the list does (API concepts, "Collections").
      items.push(...(page?.items ?? []).map((item) => ({ apiVersion, kind: kind?.replace(/List$/, ''), ...item })));
      next = page?.metadata?.continue || undefined;
    }
    return items;
  }

  #assertRuns(): void {
    if (this.#stopped || this.#shared.stop.signal.aborted) throw new Error(`cluster ${this.name} has been stopped`);
  }
}

/** What a cluster and its forks have in common. */
interface Shared {
  readonly host: Host;
  readonly stop: AbortController;
  /** How many were named. */
  forks: number;
  listening: Promise<void> | undefined;
}

interface List<T> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly continue?: string };
  readonly items: readonly T[];
}

async function open(host: Host, name: string): Promise<Replica> {
  const replica = await host.replica(name);
  if (!replica) throw new Error(`there is no cluster ${name}`);
  return replica;
}

const CLUSTERS_PATH = `/clusters/${ROOT_CLUSTER}/apis/logplane.dev/v1/${CLUSTERS.split('.')[0]}`;
