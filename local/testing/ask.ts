import type { Status } from '../../core/kube/status.ts';
import { Refused } from '../client/api-client.ts';

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * A request of a user of `fetch`, as the server takes it: the path of whatever URL, below that of the cluster where it names none, and the administrator's token where it has none of its own.
 * The path goes by the side of it, as it was sent.
 */
export function targeted(
  input: string | URL | Request,
  init: RequestInit | undefined,
  { cluster, token }: { readonly cluster: string; readonly token: string },
): { request: Request; target: string } {
  const url = typeof input === 'string' ? input : input instanceof URL ? input.href : input.url;
  if (typeof input === 'string' && !/^(\/|https?:\/\/)/.test(input)) throw new TypeError(`a path begins with "/", not as ${JSON.stringify(input)}`);
  const sent = url.replace(/^https?:\/\/[^/?#]*/, '').replace(/#.*$/, '');
  const path = sent.startsWith('/') ? sent : `/${sent}`;
  const request = input instanceof Request ? new Request(input, init) : new Request('http://localhost', init);
  if (!request.headers.has('authorization')) request.headers.set('authorization', `Bearer ${token}`);
  return { request, target: /^\/clusters\//.test(path) ? path : `/clusters/${cluster}${path}` };
}

/** What the API answers; undefined where there is no such object. Throws `Refused` with its Status. */
export async function ask(fetch: Fetch, method: string, path: string, body?: object): Promise<unknown> {
  const headers = { accept: 'application/json', ...(body && { 'content-type': 'application/json' }) };
  const response = await fetch(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const answer: unknown = await response.json();
  if (response.ok) return answer;
  const status = answer as Status;
  if (response.status === 404 && method !== 'POST' && status.details?.name !== undefined) return undefined;
  throw new Refused(status);
}
