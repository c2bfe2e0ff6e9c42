import type { ApiContext } from '../call.ts';

/** One thing that must be well; rejects when it is not. */
export interface HealthCheck {
  readonly name: string;
  readonly check: () => Promise<void>;
}

export type HealthEndpoint = 'healthz' | 'livez' | 'readyz';

/**
 * The checks of one endpoint, by the names that kube-apiserver has for them: what its hooks start is there with the first state. Its `etcd`, and `log`, are the cluster's log here. Whether
 * the process lives needs no log, whether it can serve a cluster does.
 */
export function checksOf(endpoint: HealthEndpoint, { replicaOf }: Pick<ApiContext, 'replicaOf'>, cluster: string): HealthCheck[] {
  const log = once(logCheck({ replicaOf }, cluster).check);
  return checkNames(endpoint).map((name) => ({ name, check: onLog.has(name) ? log : well }));
}

const well = async (): Promise<void> => undefined;

function once(check: () => Promise<void>): () => Promise<void> {
  let outcome: Promise<void> | undefined;
  return () => (outcome ??= check());
}

/** What is checked at an endpoint, in the order of kube-apiserver 1.36. */
export const checkNames = (endpoint: HealthEndpoint): readonly string[] => [
  'ping',
  ...(endpoint === 'livez' ? [] : ['log', 'etcd']),
  ...(endpoint === 'readyz' ? ['etcd-readiness', 'informer-sync'] : []),
  ...hooks.map((name) => (name === AUTOREGISTER ? name : `poststarthook/${name}`)),
  ...(endpoint === 'readyz' ? ['shutdown'] : []),
];

/** Those of the cluster's log. */
const onLog: ReadonlySet<string> = new Set(['log', 'etcd', 'etcd-readiness']);

const AUTOREGISTER = 'autoregister-completion';

const hooks = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'storage-object-count-tracker-hook',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'peer-endpoint-reconciler-controller',
  'start-cluster-authentication-info-controller',
  'start-kube-apiserver-identity-lease-controller',
  'start-kube-apiserver-identity-lease-garbage-collector',
  'storage-readiness',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
  'aggregator-reload-proxy-client-cert',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
  AUTOREGISTER,
  'apiservice-openapi-controller',
  'apiservice-openapiv3-controller',
];

/** The cluster's log can be read to its end, and is not known to refuse what is written. */
export const logCheck = ({ replicaOf }: Pick<ApiContext, 'replicaOf'>, cluster: string): HealthCheck => ({
  name: 'log',
  check: async () => {
    const replica = await replicaOf(cluster);
    if (!replica) throw new Error(`there is no cluster ${cluster}`);
    await replica.check();
  },
});

export interface HealthRequest {
  readonly endpoint: HealthEndpoint;
  /** The check that is asked for alone. */
  readonly name: string | undefined;
  readonly query: URLSearchParams;
  readonly checks: readonly HealthCheck[];
}

/**
 * `/healthz`, `/livez`, `/readyz`: "ok", or which check failed; `?verbose` lists all, `?exclude=` passes over one, and `/healthz/NAME` asks for one alone
 * (apiserver's pkg/server/healthz). Why something failed is for the host's log only: every client may ask here. Undefined: there is no such check.
 */
export async function healthAnswer({ endpoint, name, query, checks }: HealthRequest): Promise<Response | undefined> {
  if (name !== undefined) return checkAlone(checks.find((check) => check.name === name));
  const excluded = new Set(query.getAll('exclude'));
  const outcomes = await Promise.all(checks.map((check) => (excluded.has(check.name) ? 'excluded' : outcomeOf(check))));
  const lines = checks.map(({ name }, i) => `${outcomes[i] === 'failed' ? '[-]' : '[+]'}${name} ${said[outcomes[i]!]}`);
  const unknown = [...excluded].filter((name) => !checks.some((check) => check.name === name)).sort();
  if (unknown.length > 0) lines.push(`warn: some health checks cannot be excluded: no matches for ${unknown.map((name) => JSON.stringify(name)).join(',')}`);
  if (outcomes.includes('failed')) return text(`${lines.join('\n')}\n${endpoint} check failed\n`, 500);
  return query.has('verbose') ? text(`${lines.join('\n')}\n${endpoint} check passed\n`, 200) : text('ok', 200);
}

const said = { ok: 'ok', failed: 'failed: reason withheld', excluded: 'excluded: ok' } as const;

const outcomeOf = ({ check }: HealthCheck): Promise<keyof typeof said> =>
  check().then(
    () => 'ok',
    () => 'failed',
  );

async function checkAlone(check: HealthCheck | undefined): Promise<Response | undefined> {
  if (!check) return undefined;
  return (await outcomeOf(check)) === 'ok' ? text('ok', 200) : text('internal server error: reason withheld\n', 500);
}

const text = (body: string, status: number) =>
  new Response(body, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache, private' },
  });
