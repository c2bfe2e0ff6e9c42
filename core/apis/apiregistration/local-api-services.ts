import type { APIService } from '../../schema/generated/kinds.ts';
import type { Apis } from '../apis.ts';
import { builtIn } from '../built-in.ts';
import { API_VERSION } from '../logplane/own-resource.ts';
import { ownResources } from '../logplane/own-resources.ts';

/**
 * The APIServices of what this API server serves itself, one a group and version: how aggregated servers would see it, and the order of the groups in
 * discovery, by name (pkg/controlplane/apiserver/aggregator.go, cmd/kube-apiserver/app/aggregator.go, pkg/controlplane/controller/crdregistration).
 */
export function localApiServices(apis: Apis): ReadonlyMap<string, APIService> {
  const services = known.get(apis) ?? servicesOf(apis);
  known.set(apis, services);
  return services;
}

const known = new WeakMap<Apis, ReadonlyMap<string, APIService>>();

function servicesOf({ resources }: Apis): Map<string, APIService> {
  const services = new Map<string, APIService>();
  for (const { group, versions, aggregated } of resources) {
    // The aggregator's own group is not registered with it, and what an APIService established has one.
    if (group === AGGREGATOR || aggregated) continue;
    for (const { version } of versions) {
      const name = `${version}.${group}`;
      if (!services.has(name)) services.set(name, localApiService(name, group, version));
    }
  }
  return services;
}

function localApiService(name: string, group: string, version: string): APIService {
  const [groupPriorityMinimum, versionPriority] = priorities[`${group}/${version}`] ?? CUSTOM;
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name, labels: { [AUTO_MANAGED]: builtInGroups.has(group) ? 'onstart' : 'true' } },
    spec: { ...(group && { group }), version, groupPriorityMinimum, versionPriority },
  };
}

/** The label of APIServices that come and go with what is served; `onstart`: they come when the server starts. */
export const AUTO_MANAGED = 'kube-aggregator.kubernetes.io/automanaged';

const builtInGroups: ReadonlySet<string> = new Set([...builtIn, ...ownResources].map(({ group }) => group));

const AGGREGATOR = 'apiregistration.k8s.io';

const CUSTOM = [1000, 100] as const;

/** Of the group among groups, and of the version among those of its group. */
const priorities: Readonly<Record<string, readonly [group: number, version: number]>> = {
  '/v1': [18000, 1],
  'apps/v1': [17800, 15],
  'events.k8s.io/v1': [17750, 15],
  'authentication.k8s.io/v1': [17700, 15],
  'authorization.k8s.io/v1': [17600, 15],
  'autoscaling/v1': [17500, 15],
  'autoscaling/v2': [17500, 30],
  'batch/v1': [17400, 15],
  'certificates.k8s.io/v1': [17300, 15],
  'networking.k8s.io/v1': [17200, 15],
  'policy/v1': [17100, 15],
  'rbac.authorization.k8s.io/v1': [17000, 15],
  'storage.k8s.io/v1': [16800, 15],
  'apiextensions.k8s.io/v1': [16700, 15],
  'admissionregistration.k8s.io/v1': [16700, 15],
  'scheduling.k8s.io/v1': [16600, 15],
  'coordination.k8s.io/v1': [16500, 15],
  'node.k8s.io/v1': [16300, 15],
  'discovery.k8s.io/v1': [16200, 15],
  'resource.k8s.io/v1': [16200, 21],
  'flowcontrol.apiserver.k8s.io/v1': [16100, 21],
  // Behind all that a cluster defines itself.
  [API_VERSION]: [100, 100],
};
