import { CATCH_ALL, distinguisherOf, type Flow, type FlowRequest, flowOf, priorityLevels } from '../../apis/flowcontrol/flows.ts';
import { between, elapsedAt, plus } from '../../instant.ts';
import { parseGoDuration } from '../../kube/go-duration.ts';
import { tooManyRequests } from '../../kube/status.ts';
import { isMaster } from '../../kube/user.ts';
import type { AuthorizedCall, ClusterCall, LocatedCall, ReceivedCall } from '../call.ts';
import type { Refusal, Seat } from '../fairness/fairness.ts';

/** Finds the FlowSchema of a request, of the user that it is made as, before it is known whether they may (apiserver's pkg/server/config.go, DefaultBuildHandlerChain). */
export function classify(call: ClusterCall & Pick<AuthorizedCall, 'user'>): { flow: Flow | undefined } {
  return { flow: isExec(call) ? undefined : flowOf(requestOf(call), call.state) };
}

/** Lets a request go on when it is its turn (server/filters/priority-and-fairness.go). Throws 429 where there is no place to wait in, or the wait was too long. */
export function takeTurn(call: Classified, next: () => Promise<Response>): Promise<Response> | undefined {
  // Administrators are matched first of all, by a FlowSchema that no client can change.
  if (isMaster(call.user)) return undefined;
  const flow = call.flow ?? (isExec(call) ? undefined : CATCH_ALL);
  if (!flow || flow.level.spec?.type === 'Exempt') return undefined;
  const { api, cluster, state } = call;
  const distinguisher = distinguisherOf(flow, requestOf(call));
  const entered = api.fairness.enter({ cluster, flow, distinguisher, levels: priorityLevels(state), patience: (over) => patience(call, over) });
  return entered instanceof Promise ? entered.then((outcome) => seated(outcome, { call, flow, next })) : seated(entered, { call, flow, next });
}

type Classified = ClusterCall & Pick<AuthorizedCall, 'user'> & { readonly flow: Flow | undefined };

/** Of a watch the seat is for its beginning: what it is told later costs others nothing. */
async function seated(outcome: Seat | Refusal, { call, flow, next }: { call: Classified; flow: Flow; next: () => Promise<Response> }): Promise<Response> {
  const { metrics, fairness, env } = call.api;
  if (typeof outcome === 'string') {
    metrics.refused(flow, outcome);
    const retryAfter = fairness.dropped.drop(`${call.cluster} ${flow.level.metadata.name}`, Math.floor(between(elapsedAt(0), env.clock.elapsed()) / 1000));
    throw tooManyRequests('Too many requests, please try again later.', retryAfter);
  }
  metrics.dispatched(flow);
  try {
    return await next();
  } finally {
    outcome();
  }
}

/** A request waits for a quarter of the time that it has, and its client is gone when it is gone (getRequestWaitContext). */
function patience({ api, query, request: { signal } }: Classified, over: (why: Refusal) => void): () => void {
  const { clock } = api.env;
  const given = parseGoDuration(query.get('timeout') ?? '') || LONGEST_MS;
  const cancel = api.timer.at(plus(clock.elapsed(), Math.min(given, LONGEST_MS) / 4), () => end('time-out'));
  const gone = () => end('cancelled');
  signal.addEventListener('abort', gone, { once: true });
  const settle = () => {
    cancel();
    signal.removeEventListener('abort', gone);
  };
  const end = (why: Refusal) => {
    settle();
    over(why);
  };
  if (signal.aborted) gone();
  return settle;
}

/** As long as a request may take that does not say (server/config.go, RequestTimeout). */
const LONGEST_MS = 60_000;

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
