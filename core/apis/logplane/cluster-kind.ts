import type { ApiResource } from '../api-resource.ts';
import type { Strategy } from '../strategy.ts';
import { type Cluster, LOG_FINALIZER } from './cluster.ts';
import { changedClusterErrors, clusterErrors, clusterNameErrors, newClusterErrors } from './cluster-rules.ts';
import { clusterSchema } from './cluster-schema.ts';
import { settled, withOrders } from './cluster-status.ts';
import { clusterTable } from './cluster-table.ts';
import { ownResource } from './own-resource.ts';

/** The resource, where this is the cluster that the host's root path shows; one value for each. */
export function clustersWith(defaultCluster: string): readonly ApiResource[] {
  const known = resources.get(defaultCluster);
  if (known) return known;
  const made = [resourceWith(defaultCluster)];
  resources.set(defaultCluster, made);
  return made;
}

const resources = new Map<string, readonly ApiResource[]>();

function resourceWith(defaultCluster: string): ApiResource {
  const resource = ownResource<Cluster>({
    plural: 'clusters',
    singular: 'cluster',
    kind: 'Cluster',
    namespaced: false,
    description: 'Cluster is a Kubernetes cluster of this host. It is there from its creation on, under /clusters/NAME.',
    properties: clusterSchema,
    hasStatus: true,
    table: clusterTable,
    // All at once would be more than was meant.
    verbs: ['delete', 'get', 'list', 'patch', 'create', 'update', 'watch'],
    subresources: {
      // It is written by the host alone.
      status: { kind: 'Cluster', verbs: ['get'] },
      credentials: { kind: 'ClusterCredentials', verbs: ['create'] },
    },
    strategy: {
      nameFormat: 'label',
      nameRule: (_object, name) => clusterNameErrors(name),
      validate: (cluster) => clusterErrors(cluster, { defaultCluster }),
      validateCreate: (cluster, { state, now }) => newClusterErrors(cluster, { state, now }),
      validateUpdate: changedClusterErrors,
      prepareForStatusUpdate: (cluster, previous, { now }) => settled(cluster, previous, now),
      markDeleted: (cluster, now) => settled(cluster, cluster, now),
      refuseDeletion: (name) => (name === defaultCluster ? `cluster ${JSON.stringify(name)} is shown by the root path of this server` : undefined),
    },
  });
  return { ...resource, strategy: withStatus(resource.strategy) };
}

/** What the server finds out of a cluster when it is written stands in its status, which for the rest is that of before. */
const withStatus = (strategy: Strategy<Cluster>): Strategy<Cluster> => ({
  ...strategy,
  prepareForCreate(cluster, context) {
    const fork = cluster.status?.fork;
    strategy.prepareForCreate?.(cluster, context);
    const { metadata } = cluster;
    if (!metadata.finalizers?.includes(LOG_FINALIZER)) metadata.finalizers = [...(metadata.finalizers ?? []), LOG_FINALIZER];
    if (fork) cluster.status = { fork };
    withOrders(cluster);
    settled(cluster, undefined, context.now);
  },
  prepareForUpdate(cluster, previous, context, subresource) {
    withOrders(cluster);
    strategy.prepareForUpdate?.(cluster, previous, context, subresource);
    settled(cluster, previous, context.now);
  },
});
