import { fieldsOf, objectOf } from '../../kube/fields.ts';
import { type Key, type KubeObject, keyOf } from '../../kube/object.ts';
import type { ApiResource } from '../api-resource.ts';
import { clustersWith } from './cluster-kind.ts';

/**
 * What makes a cluster the one that clusters are kept in: an object of a resource that no API serves, as the setting of a clock (replica/cluster-clock.ts). So nothing but
 * the host establishes it.
 */
export const ROOT_RESOURCE = 'clusterroots';
export const ROOT_KEY: Key = keyOf(ROOT_RESOURCE, undefined, 'root');

/** Of a host whose root path shows this cluster. */
export const rootObject = (defaultCluster: string): KubeObject =>
  objectOf({ apiVersion: 'v1', kind: 'ClusterRoot', metadata: { name: 'root' }, spec: { defaultCluster } });

export const defaultClusterIn = (root: KubeObject): string => (fieldsOf(root)['spec'] as { defaultCluster: string }).defaultCluster;

export const servedByRoot = (root: KubeObject): readonly ApiResource[] => clustersWith(defaultClusterIn(root));
