import { apisOf } from '../../apis/apis.ts';
import type { State } from '../../state/state.ts';
import type { WriteCall } from '../call.ts';
import type { ResourceRequest, Verb } from '../request/request-info.ts';
import { targetOf } from '../request/target.ts';
import { attributesOf } from '../stages/authorize.ts';
import { checkTarget } from '../stages/resolve.ts';

/** One of the requests that a request stands for. */
export interface RequestWithin {
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespace?: string | undefined;
  /** None of a creation. */
  readonly name?: string | undefined;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly contentType?: string;
  readonly body?: unknown;
}

/**
 * A request that another one of the same user stands for, as its client would have sent it: with its own path, query, headers and body, for what is served in a state, and with what is asked
 * of authorization for it. What the outer one says of unknown fields holds for it. Throws 400, 404 and 405.
 */
export function callWithin(call: WriteCall, within: RequestWithin, state: State): WriteCall {
  const { verb, group, version, resource, namespace, name, contentType = 'application/json', body } = within;
  const info: ResourceRequest = {
    type: 'resource',
    verb,
    group,
    version,
    resource,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    rest: [],
  };
  const query = new URLSearchParams();
  for (const [parameter, value] of Object.entries({ fieldValidation: call.query.get('fieldValidation'), ...within.query }))
    if (value) query.set(parameter, value);
  const path = pathOf(info);
  const headers = new Headers({ 'user-agent': call.request.headers.get('user-agent') ?? '', 'content-type': contentType });
  const own = {
    ...call,
    request: new Request('http://within', { method: methods[verb], headers, signal: call.request.signal }),
    sent: `${path}?${query}`,
    path,
    query,
    info,
    body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    warnings: [],
    // What is audited is the outer one, which has all of it.
    audit: undefined,
    target: targetOf(apisOf(state), info)!,
  };
  checkTarget(own.target, own);
  return { ...own, attributes: attributesOf(own, call.user) };
}

const methods: Readonly<Record<Verb, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
};

function pathOf({ group, version, resource, namespace, name }: ResourceRequest): string {
  const within = namespace === undefined ? [] : ['namespaces', namespace];
  const parts = [...(group ? ['apis', group] : ['api']), version, ...within, resource, ...(name ? [name] : [])];
  return `/${parts.map(encodeURIComponent).join('/')}`;
}
