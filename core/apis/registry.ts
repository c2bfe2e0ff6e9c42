import type { GroupResource } from '../kube/object.ts';
import served from '../schema/generated/resources.json' with { type: 'json' };
import type { Resource, ServedVersion, Subresource } from './api-resource.ts';
import { conversions, keepers } from './conversions.ts';
import { strategies } from './strategies.ts';

/** Every resource that is served: the facts of Kubernetes (generated) joined with what each kind means (`strategies.ts`). */
export const resources: readonly Resource[] = build();

const byGroupResource = new Map(resources.map((resource) => [resource.groupResource, resource]));
const byPath = new Map(
  resources.flatMap((resource) => resource.versions.map(({ version }) => [`${resource.group}/${version}/${resource.resource}`, resource] as const)),
);
const byKind = new Map(
  resources.flatMap((resource) => resource.versions.map(({ version }) => [`${resource.group}/${version}/${resource.kind}`, resource] as const)),
);

/** The resource behind a path of the API, such as `apps`, `v1`, `deployments`; undefined when it is not served in that version. */
export const resourceOf = (group: string, version: string, resource: string): Resource | undefined => byPath.get(`${group}/${version}/${resource}`);

/** The resource of a name such as `deployments.apps`. */
export const resourceByGroupResource = (groupResource: GroupResource): Resource | undefined => byGroupResource.get(groupResource);

/** The resource whose objects are of a kind, such as `apps`, `v1`, `Deployment`. */
export const resourceByKind = (group: string, version: string, kind: string): Resource | undefined => byKind.get(`${group}/${version}/${kind}`);

function build(): Resource[] {
  const list = new Map<GroupResource, Resource & { versions: ServedVersion[] }>();
  for (const entry of served) {
    const groupResource = entry.group ? `${entry.resource}.${entry.group}` : entry.resource;
    let resource = list.get(groupResource);
    if (!resource) {
      const { group, kind, namespaced, singular, shortNames, categories } = entry;
      const keptAs = keepers[groupResource];
      const strategy = strategies[groupResource] ?? {};
      resource = {
        groupResource,
        group,
        resource: entry.resource,
        singular,
        kind,
        namespaced,
        shortNames,
        categories,
        versions: [],
        strategy,
        ...(keptAs && { keptAs }),
      };
      list.set(groupResource, resource);
    }
    const subresources = entry.subresources as Record<string, Subresource>;
    resource.versions.push({
      version: entry.version,
      type: entry.type,
      verbs: entry.verbs,
      subresources,
      ...conversions[`${entry.group}/${entry.version}/${entry.resource}`],
    });
  }
  for (const { versions } of list.values()) versions.sort((a, b) => versionOf(b.version) - versionOf(a.version));
  return [...list.values()];
}

/** `v2` before `v1`. Only GA versions are served. */
function versionOf(version: string): number {
  return Number(version.slice(1));
}
