import { createHash } from 'node:crypto';
import type { Resource, ServedVersion } from '../../apis/api-resource.ts';
import { unknownPath } from '../../kube/status.ts';

/**
 * What the API serves, for clients that ask it (API concepts, "API discovery"): the legacy endpoints, one document each, and the aggregated
 * one. All are derived from the list of resources.
 */

/** `GET /api`. @param serverAddress `host:port` of this server, when it is known. */
export function legacyVersions(resources: readonly Resource[], serverAddress?: string) {
  return {
    kind: 'APIVersions',
    versions: groupsOf(resources.filter(({ group }) => group === '')).flatMap(({ versions }) => versions),
    serverAddressByClientCIDRs: serverAddress ? [{ clientCIDR: '0.0.0.0/0', serverAddress }] : [],
  };
}

/** `GET /apis` */
export function groupList(resources: readonly Resource[]) {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(named(resources)).map(groupBody) };
}

/** `GET /apis/GROUP`. Throws 404 NotFound when the group is not served. */
export function group(resources: readonly Resource[], name: string) {
  const found = groupsOf(named(resources)).find((one) => one.name === name);
  if (!found) throw unknownPath();
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupBody(found) };
}

/** `GET /api/VERSION` and `GET /apis/GROUP/VERSION`. Throws 404 NotFound when nothing of it is served. */
export function resourceList(resources: readonly Resource[], groupName: string, version: string) {
  const served = servedIn(resources, groupName, version);
  if (served.length === 0) throw unknownPath();
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: groupName ? `${groupName}/${version}` : version,
    resources: served
      .flatMap(({ resource, in: one }) => [legacyResource(resource, one), ...legacySubresources(resource, one)])
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** Aggregated discovery (`as=APIGroupDiscoveryList`): all of `/api` or all of `/apis` in one answer, with the hash that it is cached by. */
export function aggregatedDiscovery(resources: readonly Resource[], path: '/api' | '/apis') {
  const groups = groupsOf(path === '/api' ? resources.filter((resource) => resource.group === '') : named(resources));
  const body = {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map(({ name, versions }) => ({
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

const named = (resources: readonly Resource[]) => resources.filter((resource) => resource.group !== '');

/**
 * The order of the groups, which settles what a short name means when two groups have it: kube-apiserver's priorities
 * (pkg/controlplane/apiserver/aggregator.go). Groups that are not here come last, by name.
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

const priorityOf = (name: string): number => (priorities.includes(name) ? priorities.indexOf(name) : priorities.length);

function groupsOf(resources: readonly Resource[]): Group[] {
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

/** `v2`, `v1`, `v2beta1`, `v1beta2`, `v1alpha1`, and what is no such version last (apimachinery's CompareKubeAwareVersionStrings). */
export function byVersion(a: string, b: string): number {
  const [x, y] = [versionParts(a), versionParts(b)];
  if (!x || !y) return x ? -1 : y ? 1 : a < b ? -1 : 1;
  return y.stability - x.stability || y.major - x.major || y.minor - x.minor;
}

function versionParts(version: string): { stability: number; major: number; minor: number } | undefined {
  const [, major, stage = '', minor = '0'] = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version) ?? [];
  return major ? { stability: { alpha: 0, beta: 1, '': 2 }[stage]!, major: Number(major), minor: Number(minor) } : undefined;
}

function groupBody({ name, versions }: Group) {
  const list = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: list, preferredVersion: list[0]! };
}

function servedIn(resources: readonly Resource[], groupName: string, version: string): { resource: Resource; in: ServedVersion }[] {
  return resources
    .filter((resource) => resource.group === groupName)
    .flatMap((resource) => resource.versions.filter((one) => one.version === version).map((one) => ({ resource, in: one })))
    .sort((a, b) => (a.resource.resource < b.resource.resource ? -1 : 1));
}

function legacyResource(resource: Resource, { version, verbs }: ServedVersion) {
  const { shortNames, categories } = resource;
  return {
    name: resource.resource,
    singularName: resource.singular,
    namespaced: resource.namespaced,
    kind: resource.kind,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(verbs.includes('list') && { storageVersionHash: storageVersionHash(resource, version) }),
  };
}

function legacySubresources(resource: Resource, { version, subresources }: ServedVersion) {
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
function storageVersionHash({ group: groupName, kind, versions }: Resource, version: string): string {
  const hash = createHash('sha256')
    .update(`${groupName}/${versions[0]?.version ?? version}/${kind}`)
    .digest();
  return hash.subarray(0, 8).toString('base64');
}

function aggregatedResource(resource: Resource, { version, verbs, subresources }: ServedVersion) {
  const { group: groupName, kind, shortNames, categories } = resource;
  const nested = Object.entries(subresources).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    resource: resource.resource,
    responseKind: { group: groupName, version, kind },
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(nested.length > 0 && {
      subresources: nested.map(([subresource, about]) => ({
        subresource,
        responseKind: { group: about.group ?? groupName, version: about.version ?? version, kind: about.kind },
        verbs: about.verbs,
      })),
    }),
  };
}
