import type { ResourceName } from '../model/resources.ts';
import type { Route } from '../route.ts';

const VERSIONS: Readonly<Record<ResourceName, readonly [group: string, version: string]>> = {
  nodes: ['core', 'v1'],
  pods: ['core', 'v1'],
  persistentvolumeclaims: ['core', 'v1'],
  events: ['core', 'v1'],
  deployments: ['apps', 'v1'],
  replicasets: ['apps', 'v1'],
  statefulsets: ['apps', 'v1'],
  daemonsets: ['apps', 'v1'],
  jobs: ['batch', 'v1'],
  cronjobs: ['batch', 'v1'],
};

/** Where an object is shown by itself: `…/object/apps/v1/deployments/shop/web`. */
export const objectRoute = (
  resource: ResourceName,
  { namespace, name }: { readonly namespace?: string | undefined; readonly name: string },
): Partial<Route> => ({
  view: 'object',
  rest: [...VERSIONS[resource], resource, ...(namespace ? [namespace] : []), name],
});
