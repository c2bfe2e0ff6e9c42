import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, ClusterSpec } from '../core/apis/logplane/cluster.ts';
import { API_VERSION } from '../core/apis/logplane/own-resource.ts';
import { ROOT_CLUSTER } from '../core/kube/cluster-name.ts';
import { type ApiClient, Refused } from './client/api-client.ts';
import { withoutOwnApi } from './client/resources.ts';
import type { Row } from './columns.ts';
import type { Printed } from './commands/verb.ts';
import { UsageError } from './run-verb.ts';
import type { Terminal } from './terminal.ts';

const CLUSTERS = `/apis/${API_VERSION}/clusters`;

/** The clusters of a client's host. Throws what is refused: only who may read the cluster `root` is told. */
export async function listClusters(client: ApiClient): Promise<readonly Cluster[]> {
  const { items } = await inRoot(client, (root) => root.get<{ items: Cluster[] }>(CLUSTERS));
  return items;
}

/** A row for each cluster, below a heading. */
export const clusterRows = (clusters: readonly Cluster[]): Row[] => [
  ['NAME', 'STATUS', 'FORK OF', 'OBJECTS', 'OFFSET', 'EXPIRES'],
  ...clusters.map(({ metadata, spec, status }) => {
    const { phase = 'Ready', expiresAt = '', fork } = status ?? {};
    const { offset = '', objects = '' } = (status ?? {}) as { offset?: number; objects?: number };
    const parent = spec?.forkOf ? `${spec.forkOf.name}${fork ? `@${fork.offset}` : spec.forkOf.at === undefined ? '' : `@${spec.forkOf.at}`}` : '';
    return [metadata.name, phase, parent, String(objects), String(offset), expiresAt];
  }),
];

/** Makes a cluster, and waits until it is as its spec says. Throws what is refused, and an Error where it comes to nothing: then it is there, and says why. */
export async function createCluster(name: string, spec: ClusterSpec, client: ApiClient): Promise<Cluster> {
  const cluster = { apiVersion: API_VERSION, kind: 'Cluster', metadata: { name }, spec };
  let made = await inRoot(client, (root) => root.send<Cluster>('POST', CLUSTERS, cluster)).catch((error) => {
    if (!(error instanceof Refused && error.status.reason === 'AlreadyExists')) throw error;
    throw new Error(`${error.message}: take another name, or delete that one first (clusters delete ${name})`, { cause: error });
  });
  const root = client.of(ROOT_CLUSTER);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const ready = made.status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status === 'True') return made;
    if (made.status?.phase === 'Failed') throw new Error(`cluster ${name} cannot be had: ${made.status.failure ?? ready?.message ?? 'it failed'}`);
    await sleep(PAUSE_MS);
    made = await root.get<Cluster>(`${CLUSTERS}/${name}`);
  }
  throw new Error(`cluster ${name} is made, but not ready yet: clusters list shows how it gets on`);
}

const ATTEMPTS = 300;
const PAUSE_MS = 100;

/** `NAME` or `NAME@AT`, as the spec of a fork has it. */
export function forkOf(of: string | undefined, client: ApiClient): NonNullable<ClusterSpec['forkOf']> {
  if (of === undefined) return { name: client.clusterName };
  const [, name, at] = /^([^@]+)(?:@(.+))?$/.exec(of) ?? [];
  if (name === undefined) throw new UsageError(`${JSON.stringify(of)} is no cluster: NAME or NAME@AT is needed, such as default@120`);
  return { name, ...(at !== undefined && { at: /^\d+$/.test(at) ? Number(at) : at }) };
}

/** What is told of a cluster that has been made: also how it is reached. */
export function madeCluster(cluster: Cluster, client: ApiClient, { isPlugin }: Pick<Terminal, 'isPlugin'>): Printed {
  const { name } = cluster.metadata;
  const id = `cluster.logplane.dev/${name}`;
  const program = isPlugin ? 'kubectl logplane' : 'logplane';
  const { fork } = cluster.status ?? {};
  const origin = cluster.spec.forkOf ? ` (a fork of ${cluster.spec.forkOf.name}${fork ? `@${fork.offset}` : ''})` : '';
  return {
    table: () => [
      `${id} created${origin}`,
      `  kubectl --server ${client.of(name).server} get pods -A`,
      `  ${program} kubeconfig ${name} --merge     # a context for it in your kubeconfig`,
    ],
    value: cluster,
    names: [id],
  };
}

/** Deletes clusters, and goes on after one that is refused. */
export async function deleteClusters(
  names: readonly string[],
  { ignoreNotFound }: { ignoreNotFound: boolean },
  client: ApiClient,
): Promise<{ deleted: readonly string[]; refused: readonly string[] }> {
  const deleted: string[] = [];
  const refused: string[] = [];
  for (const name of names) {
    try {
      await inRoot(client, (root) => root.send('DELETE', `${CLUSTERS}/${encodeURIComponent(name)}`));
      deleted.push(name);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (!(ignoreNotFound && error.status.code === 404)) refused.push(error.message);
    }
  }
  return { deleted, refused };
}

/** The objects of clusters are those of the cluster `root`. */
const inRoot = <T>(client: ApiClient, ask: (root: ApiClient) => Promise<T>): Promise<T> => {
  const root = client.of(ROOT_CLUSTER);
  return ask(root).catch(async (error) => {
    throw await withoutOwnApi(error, root);
  });
};
