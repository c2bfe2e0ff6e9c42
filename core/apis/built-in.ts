import type { GroupResource } from '../kube/object.ts';
import { byVersion } from '../kube/version-order.ts';
import { schemaOf } from '../schema/built-in-types.ts';
import served from '../schema/generated/resources.json' with { type: 'json' };
import type { ApiResource, ServedVersion } from './api-resource.ts';
import { conversions, storedAs } from './conversions.ts';
import { strategies } from './strategies.ts';

/** What every cluster serves: the facts of Kubernetes (generated) joined with what each kind means (`strategies.ts`). */
export const builtIn: readonly ApiResource[] = [...Map.groupBy(served, groupResourceOf)].map(([groupResource, rows]) => {
  const { group, resource, kind, namespaced, singular, shortNames, categories } = rows[0]!;
  const versions = rows.map(versionOf).sort((a, b) => byVersion(a.version, b.version));
  return {
    groupResource,
    group,
    resource,
    singular,
    kind,
    listKind: `${kind}List`,
    namespaced,
    shortNames,
    categories,
    versions,
    storageVersion: versions[0]!,
    storedAs: storedAs[groupResource] ?? groupResource,
    strategy: strategies[groupResource] ?? {},
  };
});

type Row = (typeof served)[number];

function groupResourceOf({ group, resource }: Row): GroupResource {
  return group ? `${resource}.${group}` : resource;
}

function versionOf({ group, version, resource, type, verbs, subresources }: Row): ServedVersion {
  const conversion = conversions[`${group}/${version}/${resource}`];
  return { version, type: schemaOf(type)!, verbs, subresources: subresources as ServedVersion['subresources'], ...(conversion && { conversion }) };
}
