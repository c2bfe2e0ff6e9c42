import { Apis, apisOf } from '../../apis/apis.ts';
import { badRequest, methodNotSupported, notFound, unknownPath } from '../../kube/status.ts';
import { pathSegment } from '../../kube/validation/names.ts';
import { methodNotAllowed, pageNotFound } from '../answers/failures.ts';
import type { AuthorizedCall, ReadCall } from '../call.ts';
import { stateFor } from '../request/reading.ts';
import type { ResourceRequest } from '../request/request-info.ts';
import { type Target, targetOf } from '../request/target.ts';
import { undiscovered } from '../subresources/undiscovered.ts';

/**
 * Finds the resource that the path names, among those that are served in the state that the request looks at. Throws 404 when it is not served, or not at that
 * scope, 405 when it has no such verb, and 400 for names that no object can have. What is in none of Kubernetes' own groups is answered in plain text, as there.
 */
export async function resolve(call: AuthorizedCall & { readonly info: ResourceRequest }): Promise<{ target: Target } | Response> {
  const { info } = call;
  const newest = async () => targetOf(apisOf(await stateFor(call, { atLeast: undefined })), info);
  const known = targetOf(apisOf(await stateFor(call, { atLeast: 0 })), info);
  // What is not served in the state at hand may be in the newest; and where its webhook is, that alone knows.
  const target = known && !known.versions ? known : await newest();
  if (!target) {
    if (!Apis.builtIn.hasGroup(info.group)) return pageNotFound();
    throw unknownPath();
  }
  // A path that custom resources do not serve is none that leads elsewhere.
  if (target.resource.custom && isElsewhere(info, target.resource.namespaced)) return pageNotFound();
  checkTarget(target, call);
  return { target };
}

/** That a resource serves what is asked of it, at the scope and by the names that the request gives. Throws 400, 404 and 405. */
export function checkTarget(target: Target, call: Pick<ReadCall, 'info' | 'request' | 'path' | 'warnings' | 'audit'>): void {
  const { info } = call;
  const { namespaced } = target.resource;
  if (!namespaced && info.namespace !== undefined) throw unknownPath();
  const method = call.request.method;
  if (!KNOWN_METHODS.includes(method)) throw methodNotAllowed();
  if (namespaced && info.namespace === undefined && info.name !== undefined) throw unknownPath();
  if (info.subresource !== undefined) {
    const subresources = { ...undiscovered(target.resource), ...target.version.subresources };
    const subresource = Object.hasOwn(subresources, info.subresource) ? subresources[info.subresource] : undefined;
    if (!subresource) throw target.resource.custom ? notFound(target.resource, info.name ?? '') : unknownPath();
    if (!subresource.verbs.includes(info.verb) && !subresource.verbs.includes(method.toLowerCase())) throw methodNotAllowed();
  } else {
    if (!verbAtPath(info, namespaced)) throw methodNotAllowed();
    if (!target.version.verbs.includes(info.verb)) throw info.verb === 'watch' ? methodNotSupported(target.resource, 'watch') : methodNotAllowed();
  }
  checkNames(call, info);
  const warning = target.version.deprecation ?? deprecations[`${target.apiVersion} ${target.resource.kind}`];
  if (warning !== undefined) {
    call.warnings.push(warning);
    call.audit?.annotate('k8s.io/deprecated', 'true');
  }
}

/** Whether a path names a namespace where there is none, or none where there must be one. */
const isElsewhere = ({ namespace, verb }: ResourceRequest, namespaced: boolean): boolean =>
  namespaced ? namespace === undefined && verb !== 'list' && verb !== 'watch' : namespace !== undefined;

/** As the store of kube-apiserver checks what becomes part of a key (registry/generic/registry/store.go, NamespaceKeyFunc). */
function checkNames({ path, request }: Pick<ReadCall, 'path' | 'request'>, { namespace, name, subresource }: ResourceRequest): void {
  // The slash at the end of a DELETE may stand before a name that the client left empty. Kubernetes would delete the collection, or the namespace.
  if (request.method === 'DELETE' && subresource === undefined && path.endsWith('/')) throw badRequest('Name parameter required.');
  for (const [parameter, value] of [
    ['Namespace', namespace],
    ['Name', name],
  ] as const) {
    const errors = value === undefined ? [] : pathSegment(value);
    if (errors.length > 0) throw badRequest(`${parameter} parameter invalid: ${JSON.stringify(value)}: ${errors.join(';')}`);
  }
}

/** Versions that clients should leave (endpoints/deprecation). */
const deprecations: Readonly<Record<string, string>> = {
  'v1 ComponentStatus': 'v1 ComponentStatus is deprecated in v1.19+',
  'v1 Endpoints': 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

const KNOWN_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Objects are created in a collection and changed by their name; what is in namespaces is created and cleared in one of them. */
function verbAtPath({ verb, name, namespace }: ResourceRequest, namespaced: boolean): boolean {
  switch (verb) {
    case 'create':
    case 'deletecollection':
      return name === undefined && (!namespaced || namespace !== undefined);
    case 'update':
    case 'patch':
    case 'delete':
    case 'get':
      return name !== undefined;
    case 'list':
    case 'watch':
      return true;
  }
}
