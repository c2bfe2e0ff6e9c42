import type { ApiContext } from '../call.ts';

/** One thing that must be well; rejects when it is not. */
export interface HealthCheck {
  readonly name: string;
  readonly check: () => Promise<void>;
}

export type HealthEndpoint = 'healthz' | 'livez' | 'readyz';

/** The checks of one endpoint: whether the process lives needs no log, whether it can serve a cluster does. */
export function checksOf(endpoint: HealthEndpoint, { replicaOf }: Pick<ApiContext, 'replicaOf'>, cluster: string): HealthCheck[] {
  const ping: HealthCheck = { name: 'ping', check: async () => undefined };
  return endpoint === 'livez' ? [ping] : [ping, logCheck({ replicaOf }, cluster)];
}

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
 * `/healthz`, `/livez`, `/readyz`: "ok", or which check failed; `?verbose` lists all, `?exclude=` leaves one out, and `/healthz/NAME` asks for one alone
 * (Kubernetes API health endpoints). Why something failed is for the host's log only: every client may ask here.
 */
export async function healthAnswer({ endpoint, name, query, checks }: HealthRequest): Promise<Response | undefined> {
  const excluded = query.getAll('exclude');
  const asked = checks.filter((check) => (name === undefined ? !excluded.includes(check.name) : check.name === name));
  if (name !== undefined && asked.length === 0) return undefined;
  const outcomes = await Promise.all(
    asked.map(({ check, name }) =>
      check().then(
        () => ({ name, ok: true }),
        () => ({ name, ok: false }),
      ),
    ),
  );
  const failed = outcomes.some(({ ok }) => !ok);
  if (!failed && !query.has('verbose')) return text('ok', 200);
  const lines = outcomes.map(({ name, ok }) => (ok ? `[+]${name} ok` : `[-]${name} failed: reason withheld`));
  return text(`${lines.join('\n')}\n${endpoint} check ${failed ? 'failed' : 'passed'}\n`, failed ? 500 : 200);
}

const text = (body: string, status: number) =>
  new Response(body, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache, private' },
  });
