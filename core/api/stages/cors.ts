import type { ReceivedCall } from '../call.ts';

/** Before anything is asked of a client: a browser asks for its page, and shows no token. */
export async function cors({ api, request }: ReceivedCall, next: () => Promise<Response>): Promise<Response> {
  return api.cors.preflight(request) ?? api.cors.allow(request, await next());
}
