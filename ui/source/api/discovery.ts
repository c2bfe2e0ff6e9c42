import { get } from './client.ts';
import type { Where } from './where.ts';

/** A resource that a cluster serves, in the version that it prefers. */
export interface ApiResource {
  /** '': the core group. */
  readonly group: string;
  readonly version: string;
  /** `deployments` */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly subresources: readonly string[];
}

interface GroupDiscovery {
  readonly metadata: { readonly name?: string };
  readonly versions: readonly { readonly version: string; readonly resources?: readonly Discovered[] }[];
}

interface Discovered {
  readonly resource: string;
  readonly responseKind?: { readonly kind: string };
  readonly scope: 'Cluster' | 'Namespaced';
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly subresources?: readonly { readonly subresource: string }[];
}

const ACCEPT = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** What a cluster serves at a moment, custom resources too (API concepts, "Aggregated discovery"); of each resource the version that its group prefers. */
export async function resourcesOf(where: Where, signal: AbortSignal): Promise<readonly ApiResource[]> {
  const lists = await Promise.all(['/api', '/apis'].map((path) => get<{ items: GroupDiscovery[] }>(where, path, { accept: ACCEPT, signal })));
  const found = new Map<string, ApiResource>();
  for (const { metadata, versions } of lists.flatMap(({ items }) => items)) {
    const group = metadata.name ?? '';
    for (const { version, resources = [] } of versions)
      for (const { resource, responseKind, scope, verbs, shortNames = [], subresources = [] } of resources) {
        const key = `${resource}.${group}`;
        if (found.has(key) || !responseKind) continue;
        const names = subresources.map(({ subresource }) => subresource);
        found.set(key, { group, version, resource, kind: responseKind.kind, namespaced: scope === 'Namespaced', verbs, shortNames, subresources: names });
      }
  }
  return [...found.values()];
}

/** The path of a resource, of its objects in a namespace, or of one. */
export function pathOf({ group, version, resource }: Pick<ApiResource, 'group' | 'version' | 'resource'>, { namespace, name }: ObjectName = {}): string {
  const within = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${base}${within}/${resource}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}

interface ObjectName {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}
