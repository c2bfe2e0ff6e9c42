import type { ApiResource } from '../../api/discovery.ts';
import { linkTo } from '../../route.ts';

/** What the route of this view names: all resources, the objects of one, or one object. */
export type Place =
  | { readonly type: 'resources' }
  | { readonly type: 'list'; readonly resource: ResourceName }
  | { readonly type: 'object'; readonly resource: ResourceName; readonly namespace?: string; readonly name: string };

export type ResourceName = Pick<ApiResource, 'group' | 'version' | 'resource'>;

/** `apps/v1/deployments/shop/web`, `core/v1/nodes/node-1`, `core/v1/pods`. */
export function placeOf([group = '', version = '', resource = '', ...names]: readonly string[]): Place {
  if (resource === '') return { type: 'resources' };
  const named = { group: group === CORE ? '' : group, version, resource };
  const [first, second] = names;
  if (first === undefined) return { type: 'list', resource: named };
  return second === undefined ? { type: 'object', resource: named, name: first } : { type: 'object', resource: named, namespace: first, name: second };
}

export const restOf = ({ group, version, resource }: ResourceName, ...names: readonly (string | undefined)[]): string[] =>
  [group || CORE, version, resource, ...names.filter((name) => name !== undefined && name !== '')] as string[];

const CORE = 'core';

export const groupResourceOf = ({ group, resource }: ResourceName): string => (group === '' ? resource : `${resource}.${group}`);

/** Where an object is shown that a change or a cause names (`deployment.apps/web`, or by its resource, `deployments.apps`); undefined: nothing serves its kind now. */
export function linkToNamed(
  resources: readonly ApiResource[],
  { object, namespace, query = {} }: { readonly object: string; readonly namespace?: string | undefined; readonly query?: Readonly<Record<string, string>> },
): string | undefined {
  const slash = object.indexOf('/');
  const [kind, name] = [object.slice(0, slash), object.slice(slash + 1)];
  const found = resources.find((served) => `${served.kind.toLowerCase()}${served.group && `.${served.group}`}` === kind || groupResourceOf(served) === kind);
  return found && linkTo({ view: 'object', rest: restOf(found, namespace, name), query });
}
