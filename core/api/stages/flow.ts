import { type Flow, type FlowRequest, flowOf } from '../../apis/flowcontrol/flows.ts';
import type { AuthorizedCall, ClusterCall, LocatedCall, ReceivedCall } from '../call.ts';

/** Finds the FlowSchema of a request, of the user that it is made as, before it is known whether they may (apiserver's pkg/server/config.go, DefaultBuildHandlerChain). */
export function classify(call: ClusterCall & Pick<AuthorizedCall, 'user'>): { flow: Flow | undefined } {
  return { flow: isExec(call) ? undefined : flowOf(requestOf(call), call.state) };
}

/** Says in the answer what the request was matched by (server/filters/priority-and-fairness.go). */
export async function flowHeaders(call: ReceivedCall & { readonly flow?: Flow | undefined }, next: () => Promise<Response>): Promise<Response> {
  const response = await next();
  const { flow } = call;
  if (!flow) return response;
  response.headers.set('x-kubernetes-pf-flowschema-uid', flow.schema.metadata.uid ?? '');
  response.headers.set('x-kubernetes-pf-prioritylevel-uid', flow.level.metadata.uid ?? '');
  return response;
}

/** What lasts, and is no watch, is not looked at. */
const isExec = ({ info }: Pick<LocatedCall, 'info'>): boolean => info.type === 'resource' && LASTING.has(info.subresource ?? '');

const LASTING: ReadonlySet<string> = new Set(['attach', 'exec', 'proxy', 'log', 'portforward']);

function requestOf({ info, path, user }: ClusterCall & Pick<AuthorizedCall, 'user'>): FlowRequest {
  if (info.type === 'path') return { user, verb: info.verb, path };
  const { verb, group, resource, subresource, name, namespace } = info;
  // A namespace is in itself (endpoints/request/requestinfo.go).
  return { user, verb, group, resource, subresource, namespace: namespace ?? (resource === 'namespaces' ? name : undefined) };
}
