import type { ApiResource, ServedVersion, Subresource } from '../../apis/api-resource.ts';
import { apiVersionOf } from '../../kube/group-version-kind.ts';
import { definitionOf, schemaOf } from '../../schema/built-in-types.ts';
import type { TypeSchema } from '../../schema/schema.ts';
import {
  type About,
  BUILT_IN,
  CUSTOM,
  connect,
  create,
  list,
  type Operation,
  patch,
  read,
  readText,
  remove,
  removeAll,
  replace,
  resourceList,
} from './operations.ts';
import { logParameters, nameParameter, namespaceParameter, type Parameter, pathParameter, pretty, subresourceParameters } from './parameters.ts';

export type PathItem = Readonly<Record<string, Operation | readonly Parameter[]>>;

/** One version of one resource. */
export interface Served {
  readonly resource: ApiResource;
  readonly served: ServedVersion;
}

/** All paths of a group and version, and the types that they speak of. */
export function pathsOf(group: string, version: string, served: readonly Served[]): { paths: Record<string, PathItem>; types: Set<TypeSchema> } {
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const prefix = operationPrefix(group, version);
  const types = new Set<TypeSchema>();
  const paths: Record<string, PathItem> = { [`${root}/`]: { get: resourceList(`get${prefix}APIResources`, tagOf(group, version)) } };
  for (const one of served) {
    const at = place(root, prefix, group, version, one);
    addCollection(paths, types, at);
    addObject(paths, at);
    for (const [name, subresource] of Object.entries(one.served.subresources)) addSubresource(paths, types, at, name, subresource);
  }
  return { paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))), types };
}

/** Where a resource is, and what its operations are called. */
interface Place extends Served {
  readonly root: string;
  readonly collection: string;
  readonly prefix: string;
  /** `NamespacedPod`, `Node` */
  readonly scoped: string;
  readonly about: (verb: string, what: string, more?: Partial<About>) => About;
}

function place(root: string, prefix: string, group: string, version: string, { resource, served }: Served): Place {
  const collection = resource.namespaced ? `${root}/namespaces/{namespace}/${resource.resource}` : `${root}/${resource.resource}`;
  const scoped = `${resource.namespaced ? 'Namespaced' : ''}${resource.kind}`;
  const gvk = { group, version, kind: resource.kind };
  const about = (operationId: string, what: string, more: Partial<About> = {}): About => ({
    gvk,
    operationId,
    tag: tagOf(group, version),
    what,
    type: served.type.name,
    media: resource.custom ? CUSTOM : BUILT_IN,
    ...more,
  });
  return { resource, served, root, collection, prefix, scoped, about };
}

function addCollection(paths: Record<string, PathItem>, types: Set<TypeSchema>, at: Place): void {
  const { resource, served, root, collection, prefix, scoped, about } = at;
  const has = (verb: string) => served.verbs.includes(verb);
  const listType = listTypeOf(at);
  const operations: Record<string, Operation> = {
    ...(has('list') && { get: list(about(`list${prefix}${scoped}`, resource.kind), listType.name) }),
    ...(has('create') && { post: create(about(`create${prefix}${scoped}`, `a ${resource.kind}`)) }),
    ...(has('deletecollection') && { delete: removeAll(about(`delete${prefix}Collection${scoped}`, resource.kind)) }),
  };
  if (has('list')) types.add(listType);
  types.add(served.type);
  if (Object.keys(operations).length > 0) paths[collection] = { ...operations, parameters: [...(resource.namespaced ? [namespaceParameter] : []), pretty] };
  if (resource.namespaced && has('list')) {
    paths[`${root}/${resource.resource}`] = {
      get: list(about(`list${prefix}${resource.kind}ForAllNamespaces`, resource.kind), listType.name),
      parameters: [pretty],
    };
  }
}

/** The list of a kind: Kubernetes' own, or for a custom one a type like it. */
function listTypeOf({ resource, served }: Place): TypeSchema {
  const { name, gvk } = served.type;
  if (!resource.custom) return schemaOf(`${name}List`)!;
  const { kind, listKind, resource: plural } = resource;
  return { name: name.slice(0, -kind.length) + listKind, listOf: { type: name, kind, plural }, gvk: gvk!.map((of) => ({ ...of, kind: listKind })) };
}

function addObject(paths: Record<string, PathItem>, at: Place): void {
  const { resource, served, collection, prefix, scoped, about } = at;
  const has = (verb: string) => served.verbs.includes(verb);
  const what = `the specified ${resource.kind}`;
  const operations: Record<string, Operation> = {
    ...(has('get') && { get: read(about(`read${prefix}${scoped}`, what)) }),
    ...(has('update') && { put: replace(about(`replace${prefix}${scoped}`, what)) }),
    ...(has('patch') && { patch: patch(about(`patch${prefix}${scoped}`, what)) }),
    ...(has('delete') && { delete: remove(about(`delete${prefix}${scoped}`, `a ${resource.kind}`)) }),
  };
  if (Object.keys(operations).length > 0) paths[`${collection}/{name}`] = { ...operations, parameters: objectParameters(resource) };
}

const objectParameters = (resource: ApiResource, kind = resource.kind): Parameter[] => [...namingParameters(resource, kind), pretty];

const namingParameters = ({ namespaced }: ApiResource, kind: string): Parameter[] => [nameParameter(kind), ...(namespaced ? [namespaceParameter] : [])];

const connectMethods: Readonly<Record<string, readonly string[]>> = {
  attach: ['get', 'post'],
  exec: ['get', 'post'],
  portforward: ['get', 'post'],
  proxy: ['delete', 'get', 'head', 'options', 'patch', 'post', 'put'],
};

function addSubresource(paths: Record<string, PathItem>, types: Set<TypeSchema>, at: Place, name: string, subresource: Subresource): void {
  const { resource, served, collection, prefix, scoped, about } = at;
  const path = `${collection}/{name}/${name}`;
  const called = `${scoped}${name[0]!.toUpperCase()}${name.slice(1)}`;
  const group = subresource.group ?? resource.group;
  const version = subresource.version ?? served.version;
  const gvk = { group, version, kind: subresource.kind };
  if (connectMethods[name]) {
    const item = (suffix: string) =>
      Object.fromEntries(
        connectMethods[name]!.map((method) => [
          method,
          connect(about(`connect${prefix}${method[0]!.toUpperCase()}${method.slice(1)}${called}${suffix}`, `${name} of ${resource.kind}`, { gvk }), method),
        ]),
      );
    const parameters = [...namingParameters(resource, subresource.kind), ...(subresourceParameters[subresource.kind] ?? [])];
    paths[path] = { ...item(''), parameters };
    if (name === 'proxy') paths[`${path}/{path}`] = { ...item('WithPath'), parameters: [...parameters, pathParameter] };
    return;
  }
  const what = `${name} of the specified ${resource.kind}`;
  if (name === 'log') {
    paths[path] = { get: readText(about(`read${prefix}${called}`, what), logParameters), parameters: objectParameters(resource) };
    return;
  }
  const type =
    subresource.kind === resource.kind && group === resource.group
      ? served.type
      : schemaOf(definitionOf(apiVersionOf({ group, version }), subresource.kind) ?? '');
  if (!type) return;
  types.add(type);
  const of = { gvk, type: type.name };
  const has = (verb: string) => subresource.verbs.includes(verb);
  paths[path] = {
    ...(has('get') && { get: read(about(`read${prefix}${called}`, what, of)) }),
    ...(has('update') && { put: replace(about(`replace${prefix}${called}`, what, of)) }),
    ...(has('patch') && { patch: patch(about(`patch${prefix}${called}`, what, of)) }),
    ...(has('create') && { post: create(about(`create${prefix}${called}`, what, of)) }),
    parameters: objectParameters(resource, subresource.kind),
  };
}

/** `rbac.authorization.k8s.io`, `v1` → `RbacAuthorizationV1`; the legacy group is `CoreV1`. */
const operationPrefix = (group: string, version: string): string => [...wordsOf(group), version].map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');

/** `rbac.authorization.k8s.io`, `v1` → `rbacAuthorization_v1` */
const tagOf = (group: string, version: string): string =>
  `${wordsOf(group)
    .map((word, i) => (i ? word[0]!.toUpperCase() + word.slice(1) : word))
    .join('')}_${version}`;

const wordsOf = (group: string): string[] => (group ? group.replace(/\.k8s\.io$/, '').split(/[.-]/) : ['core']);
