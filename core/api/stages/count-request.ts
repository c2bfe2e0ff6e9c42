import type { ReceivedCall } from '../call.ts';
import type { RequestInfo } from '../request/request-info.ts';
import type { Target } from '../request/target.ts';

/** Counts what is answered. Only resources that are served become labels, so that no client can make up new ones. */
export async function countRequest(call: ReceivedCall & { info?: RequestInfo; target?: Target }, next: () => Promise<Response>): Promise<Response> {
  const response = await next();
  const { info, target } = call;
  call.api.metrics.request(target && info?.type === 'resource' ? info : undefined, response.status);
  return response;
}
