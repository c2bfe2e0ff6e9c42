import { CLUSTERS, type Cluster } from '../../apis/logplane/cluster.ts';
import { forksOf } from '../../apis/logplane/cluster-forks.ts';
import { fieldsOf, objectOf } from '../../kube/fields.ts';
import type { KubeObject } from '../../kube/object.ts';
import { own, ownershipIn } from '../../managed-fields/ownership.ts';
import type { State } from '../../state/state.ts';
import type { ReadCall } from '../call.ts';
import { serverOf } from './server-url.ts';

/** Whether objects of a resource are shown with figures. */
export const hasFigures = ({ target, api, end }: Pick<ReadCall, 'target' | 'api' | 'end'>): boolean =>
  target.storage.groupResource === CLUSTERS && api.clusterFigures !== undefined && end === undefined;

/** Clusters with what is known of each when they are read. */
export async function withFigures(call: ReadCall, state: State, clusters: readonly KubeObject[]): Promise<readonly KubeObject[]> {
  const shown: KubeObject[] = [];
  // A few at a time: each may be a look at a log.
  for (let i = 0; i < clusters.length; i += AT_ONCE)
    shown.push(...(await Promise.all(clusters.slice(i, i + AT_ONCE).map((cluster) => withOwn(call, state, cluster as Cluster)))));
  return shown;
}

const AT_ONCE = 32;

async function withOwn(call: ReadCall, state: State, cluster: Cluster): Promise<KubeObject> {
  const { name } = cluster.metadata;
  const figures = await call.api.clusterFigures!({ name, log: cluster.status?.log ?? name });
  const { url } = serverOf(call, name);
  const forks = forksOf(state, name).length;
  const status = { ...cluster.status, ...(url !== undefined && { url }), ...figures, forks };
  return own(objectOf({ ...fieldsOf(cluster), status }), ownershipIn(cluster));
}
