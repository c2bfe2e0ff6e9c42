/** What a request asks for, read from its method and path alone (apiserver/pkg/endpoints/request/requestinfo.go). */
export type RequestInfo = ResourceRequest | PathRequest;

/** `/api/v1/namespaces/default/pods/web/log`, `/apis/apps/v1/deployments`, … */
export interface ResourceRequest {
  readonly type: 'resource';
  readonly verb: Verb;
  /** '' for the legacy group. */
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  /** What follows the subresource, as in `…/proxy/metrics`. */
  readonly rest: readonly string[];
}

/** `/healthz`, `/version`, `/apis`, `/apis/apps/v1`, … */
export interface PathRequest {
  readonly type: 'path';
  /** The method in lower case. */
  readonly verb: string;
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** `parts`: the segments of the path, decoded. */
export function parseRequest(method: string, parts: readonly string[], query: URLSearchParams): RequestInfo {
  const legacy = parts[0] === 'api';
  const prefix = legacy ? 2 : 3;
  if ((!legacy && parts[0] !== 'apis') || parts.length <= prefix) return { type: 'path', verb: method.toLowerCase() };
  const group = legacy ? '' : parts[1]!;
  const version = parts[prefix - 1]!;
  let rest = parts.slice(prefix);
  // `/api/v1/watch/pods` is the old way to say `?watch=1`.
  const watchPath = rest[0] === 'watch' && rest.length > 1;
  if (watchPath) rest = rest.slice(1);
  const { namespace, resource, name, subresource, more } = split(rest, legacy ? OF_NAMESPACES_AND_OURS : OF_NAMESPACES);
  // Kubernetes lets an empty name match: `/api/v1/namespaces//pods` are then those of all namespaces. Nothing is served where a name was left out.
  if ([...parts.slice(0, prefix), namespace, resource, name, subresource].includes('')) return { type: 'path', verb: method.toLowerCase() };
  const watching = watchPath || isTrue(query.get('watch'));
  return {
    type: 'resource',
    verb: verbOf(method, { name, subresource, watching, watchPath }),
    group,
    version,
    resource,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    ...(subresource !== undefined && { subresource }),
    rest: more,
  };
}

/** `namespaces/NAME/status` is of the namespace itself; anything else below `namespaces/NAME` is in it. */
const OF_NAMESPACES: ReadonlySet<string> = new Set(['status', 'finalize']);

/** The same with the subresources that every object has here: in the legacy group, where no definition names resources. */
const OF_NAMESPACES_AND_OURS: ReadonlySet<string> = new Set([...OF_NAMESPACES, 'history', 'blame']);

function split(parts: readonly string[], ofNamespaces: ReadonlySet<string>) {
  if (parts[0] === 'namespaces' && parts.length > 2 && !ofNamespaces.has(parts[2]!)) {
    return { namespace: parts[1], resource: parts[2]!, name: parts[3], subresource: parts[4], more: parts.slice(5) };
  }
  return { namespace: undefined, resource: parts[0]!, name: parts[1], subresource: parts[2], more: parts.slice(3) };
}

function verbOf(
  method: string,
  { name, subresource, watching, watchPath }: { name?: string; subresource?: string; watching: boolean; watchPath: boolean },
): Verb {
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete';
    default:
      if (watchPath && subresource === undefined) return 'watch';
      if (name !== undefined) return 'get';
      return watching ? 'watch' : 'list';
  }
}

/** As apimachinery reads booleans in queries: whatever is there but "false" and "0". */
export const isTrue = (value: string | null): boolean => value !== null && value.toLowerCase() !== 'false' && value !== '0';
