import type { ReceivedCall } from '../call.ts';
import { parseRequest, type RequestInfo } from '../request/request-info.ts';
import type { Location } from '../request/url.ts';

/** Says what is asked for, by the method and the path alone. */
export const requestInfo = ({ request, segments, query }: ReceivedCall & Location): { info: RequestInfo } => ({
  info: parseRequest(request.method, segments, query),
});
