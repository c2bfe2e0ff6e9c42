import { checkSession, credentials } from './session.ts';
import type { Status } from './status.ts';
import { statusInYaml } from './status-text.ts';
import { apiUrl, type Where } from './where.ts';

/** What the API refuses, in its words. */
export class ApiError extends Error {
  readonly status: Status;

  constructor(status: Status) {
    super(status.message);
    this.status = status;
  }

  get code(): number {
    return this.status.code;
  }
}

/** The host does not answer, or has ended an answer in the middle of it. */
export class Unreachable extends Error {
  constructor() {
    super('the host does not answer');
  }
}

/** What comes from the network; throws Unreachable where that breaks. */
export async function fromNetwork<T>(coming: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await coming;
  } catch (error) {
    // A browser says nothing more of it (Fetch, "network error").
    throw error instanceof TypeError && !signal?.aborted ? new Unreachable() : error;
  }
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** An object, sent as JSON; or text of the given type. */
  readonly body?: object | string;
  readonly type?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

/** A request to a cluster's API; throws an ApiError for whatever is not 2xx, and Unreachable where the host is. */
export async function call(
  where: Where,
  path: string,
  { method = 'GET', query = {}, body, type = 'application/json', accept = 'application/json', signal }: Call = {},
): Promise<Response> {
  // Browsers are given indented JSON, unless they say so.
  const search = new URLSearchParams(
    Object.entries({ pretty: false, ...query }).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
  const url = apiUrl(where, path) + (search.size > 0 ? `?${search}` : '');
  const sent = fetch(url, {
    method,
    headers: { ...credentials(), accept, ...(body !== undefined && { 'content-type': type }) },
    cache: 'no-store',
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  const response = await fromNetwork(sent, signal);
  if (response.ok) return response;
  const status = await statusOf(response);
  if (response.status !== 401) throw new ApiError(status);
  void checkSession();
  throw new ApiError({ ...status, message: `whom you are signed in as is not known in the cluster ${where.cluster} (${status.message})` });
}

/** The object that is answered. */
export async function get<T>(where: Where, path: string, options: Call = {}): Promise<T> {
  const response = await call(where, path, options);
  return fromNetwork(response.json() as Promise<T>, options.signal);
}

async function statusOf(response: Response): Promise<Status> {
  const text = await response.text();
  try {
    const status = JSON.parse(text) as Partial<Status>;
    if (typeof status.message === 'string') return { ...status, message: status.message, code: response.status };
  } catch {
    const status = statusInYaml(text);
    if (status) return { ...status, code: response.status };
    // A gateway answers in words of its own.
  }
  return { message: text.slice(0, 500) || `HTTP ${response.status}`, code: response.status };
}
