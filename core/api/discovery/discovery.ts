import { createHash } from 'node:crypto';
import type { ApiResource, ServedVersion } from '../../apis/api-resource.ts';
import type { Apis } from '../../apis/apis.ts';
import { GROUP as OWN_GROUP } from '../../apis/logplane/own-resource.ts';
import { unknownPath } from '../../kube/status.ts';
import { byVersion } from '../../kube/version-order.ts';

/**
 * What the API serves, for clients that ask it (API concepts, "API discovery"): the legacy endpoints, one document each, and the aggregated
 * one. All are derived from the list of resources.
 */

/** `GET /api`. @param serverAddress `host:port` of this server, when it is known. */
export function legacyVersions({ resources }: Apis, serverAddress?: string) {
  return {
    kind: 'APIVersions',
    versions: groupsOf(resources.filter(({ group }) => group === '')).flatMap(({ versions }) => versions),
    serverAddressByClientCIDRs: serverAddress ? [{ clientCIDR: '0.0.0.0/0', serverAddress }] : [],
  };
}

/** `GET /apis` */
export function groupList({ resources }: Apis) {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(named(resources)).map(groupBody) };
}

/** `GET /apis/GROUP`. Throws 404 NotFound when the group is not served. */
export function group({ resources }: Apis, name: string) {
  const found = groupsOf(named(resources)).find((one) => one.name === name);
  if (!found) throw unknownPath();
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupBody(found) };
}

/** `GET /api/VERSION` and `GET /apis/GROUP/VERSION`. Throws 404 NotFound when nothing of it is served. */
export function resourceList({ resources }: Apis, groupName: string, version: string) {
  const served = servedIn(resources, groupName, version);
  if (served.length === 0) throw unknownPath();
  return {
    kind: 'APIResourceList',
    // Kubernetes' legacy group leaves it out.
    ...(groupName && { apiVersion: 'v1' }),
    groupVersion: groupName ? `${groupName}/${version}` : version,
    resources: served.flatMap(({ resource, in: one }) => inOrder(resource, [legacyResource(resource, one), ...legacySubresources(resource, one)])),
  };
}

/** Kubernetes sorts its own by name. */
const inOrder = <T extends { readonly name: string }>({ custom }: ApiResource, entries: T[]): T[] =>
  custom ? entries : entries.sort((a, b) => (a.name < b.name ? -1 : 1));

/** While its definition is being deleted, a resource can be read and emptied. */
const discoveredVerbs = ({ custom }: ApiResource, { verbs }: ServedVersion): readonly string[] =>
  custom?.terminating ? verbs.filter((verb) => !['patch', 'create', 'update'].includes(verb)) : verbs;

/** Aggregated discovery (`as=APIGroupDiscoveryList`): all of `/api` or all of `/apis` in one answer, with the hash that it is cached by. */
export function aggregatedDiscovery(apis: Apis, path: '/api' | '/apis'): Aggregated {
  const known = aggregated.get(apis) ?? {};
  aggregated.set(apis, known);
  known[path] ??= aggregate(path === '/api' ? apis.resources.filter((resource) => resource.group === '') : named(apis.resources));
  return known[path];
}

type Aggregated = ReturnType<typeof aggregate>;

// Made when it is first asked for, and as long as something is served just so.
const aggregated = new WeakMap<Apis, { '/api'?: Aggregated; '/apis'?: Aggregated }>();

function aggregate(resources: readonly ApiResource[]) {
  const body = {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groupsOf(resources).map(({ name, versions }) => ({
      metadata: name ? { name } : {},
      versions: versions.map((version) => ({
        version,
        resources: servedIn(resources, name, version).map(({ resource, in: one }) => aggregatedResource(resource, one)),
        freshness: 'Current',
      })),
    })),
  };
  return { body, etag: `"${createHash('sha512').update(JSON.stringify(body.items)).digest('hex').toUpperCase()}"` };
}

interface Group {
  readonly name: string;
  /** Preferred first. */
  readonly versions: readonly string[];
}

const named = (resources: readonly ApiResource[]) => resources.filter((resource) => resource.group !== '');

/**
 * The order of the groups, which settles what a short name means when two groups have it: kube-apiserver's priorities
 * (pkg/controlplane/apiserver/aggregator.go). Groups that are not here come behind these, by name.
 */
const priorities: readonly string[] = [
  '',
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'resource.k8s.io',
];

/** Logplane's own group comes behind those of a cluster's definitions: installing something must not change what it finds under a short name. */
function priorityOf(name: string): number {
  if (name === OWN_GROUP) return priorities.length + 1;
  return priorities.includes(name) ? priorities.indexOf(name) : priorities.length;
}

function groupsOf(resources: readonly ApiResource[]): Group[] {
  const versions = new Map<string, Set<string>>();
  for (const resource of resources) {
    const known = versions.get(resource.group) ?? new Set();
    for (const { version } of resource.versions) known.add(version);
    versions.set(resource.group, known);
  }
  return [...versions]
    .map(([name, set]) => ({ name, versions: [...set].sort(byVersion) }))
    .sort((a, b) => priorityOf(a.name) - priorityOf(b.name) || (a.name < b.name ? -1 : 1));
}

function groupBody({ name, versions }: Group) {
  const list = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: list, preferredVersion: list[0]! };
}

function servedIn(resources: readonly ApiResource[], groupName: string, version: string): { resource: ApiResource; in: ServedVersion }[] {
  return resources
    .filter((resource) => resource.group === groupName)
    .flatMap((resource) => resource.versions.filter((one) => one.version === version).map((one) => ({ resource, in: one })))
    .sort((a, b) => (a.resource.resource < b.resource.resource ? -1 : 1));
}

function legacyResource(resource: ApiResource, served: ServedVersion) {
  const { shortNames, categories } = resource;
  const verbs = discoveredVerbs(resource, served);
  return {
    name: resource.resource,
    singularName: resource.singular,
    namespaced: resource.namespaced,
    kind: resource.kind,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(verbs.includes('list') && !resource.aggregated && { storageVersionHash: storageVersionHash(resource) }),
  };
}

function legacySubresources(resource: ApiResource, { version, subresources }: ServedVersion) {
  return Object.entries(subresources).map(([name, { kind, group: otherGroup, version: otherVersion, verbs }]) => {
    const differs = (otherGroup ?? resource.group) !== resource.group || (otherVersion ?? version) !== version;
    return {
      name: `${resource.resource}/${name}`,
      singularName: '',
      namespaced: resource.namespaced,
      ...(differs && { group: otherGroup ?? resource.group, version: otherVersion ?? version }),
      kind,
      verbs,
    };
  });
}

/** Changes when objects are stored in another version (endpoints/discovery/storageversionhash.go). */
function storageVersionHash({ group: groupName, kind, storageVersion }: ApiResource): string {
  const hash = createHash('sha256').update(`${groupName}/${storageVersion.version}/${kind}`).digest();
  return hash.subarray(0, 8).toString('base64');
}

function aggregatedResource(resource: ApiResource, served: ServedVersion) {
  const { version, subresources } = served;
  const verbs = discoveredVerbs(resource, served);
  const { group: groupName, kind, shortNames, categories } = resource;
  // Kubernetes leaves the group and version of its own kinds empty here where they are those that the resource stands under.
  const own = resource.custom ? { group: groupName, version } : { group: '', version: '' };
  const nested = resource.custom ? Object.entries(subresources) : Object.entries(subresources).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    resource: resource.resource,
    responseKind: { ...own, kind },
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(nested.length > 0 && {
      subresources: nested.map(([subresource, about]) => ({
        subresource,
        responseKind: { group: about.group ?? own.group, version: about.version ?? own.version, kind: about.kind },
        verbs: about.verbs,
      })),
    }),
  };
}
