import type { ApiResource } from '../../core/apis/api-resource.ts';
import type { Apis } from '../../core/apis/apis.ts';
import { apiVersionOf } from '../../core/kube/group-version-kind.ts';

/**
 * The path of all objects of a kind, in its preferred version: those of a namespace, or of all. The kind is named as for kubectl: by plural, singular, short name or kind, in whatever case, with its group behind a dot
 * where others have the same name. Throws an Error when it is not served.
 */
export function collectionOf(apis: Apis, kind: string, namespace: string | undefined): string {
  const found = resourceNamed(apis, kind);
  if (!found) throw new Error(`the cluster serves no kind ${JSON.stringify(kind)}`);
  const { group, resource, namespaced, versions } = found;
  const base = group ? `/apis/${apiVersionOf({ group, version: versions[0]!.version })}` : `/api/${versions[0]!.version}`;
  return `${base}${namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''}/${resource}`;
}

/** The first that has the name, in the order of discovery; undefined: none has. */
export function resourceNamed({ resources }: Apis, kind: string): ApiResource | undefined {
  const [name = '', ...group] = kind.toLowerCase().split('.');
  const ofGroup = resources.filter((resource) => group.length === 0 || resource.group === group.join('.'));
  const isNamed = ({ resource, singular, kind, shortNames }: ApiResource) =>
    [resource, singular, kind.toLowerCase()].includes(name) || shortNames.includes(name);
  return ofGroup.find(isNamed);
}
