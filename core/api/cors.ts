import { RE2JS } from 're2js';

/** Lets pages of other origins call the API, with a browser's leave (Fetch Standard, "CORS protocol"; apiserver's pkg/server/filters/cors.go). */
export class Cors {
  readonly #origins: readonly RE2JS[];

  /** @param origins regular expressions, in Go's syntax, that are looked for in the origin of a page; none: no page is let in */
  constructor(origins: readonly string[]) {
    this.#origins = origins.map((origin) => RE2JS.compile(origin));
  }

  /** The answer to a browser that asks before it sends what it was told to: it shows no token then. */
  preflight(request: Pick<Request, 'method' | 'headers'>): Response | undefined {
    const headers = request.method === 'OPTIONS' ? this.#headersFor(request) : undefined;
    return headers && new Response(null, { status: 204, headers });
  }

  /** An answer that the page may read. */
  allow(request: Pick<Request, 'headers'>, response: Response): Response {
    for (const [name, value] of Object.entries(this.#headersFor(request) ?? {})) response.headers.set(name, value);
    return response;
  }

  #headersFor({ headers }: Pick<Request, 'headers'>): Record<string, string> | undefined {
    const origin = this.#origins.length > 0 ? headers.get('origin') : undefined;
    if (!origin || !this.#origins.some((expression) => expression.matcher(origin).find())) return undefined;
    return { 'access-control-allow-origin': origin, ...ALLOWED };
  }
}

const ALLOWED = {
  'access-control-allow-methods': 'POST, GET, OPTIONS, PUT, DELETE, PATCH',
  'access-control-allow-headers': 'Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, If-Modified-Since',
  'access-control-expose-headers': 'Date',
  'access-control-allow-credentials': 'true',
};
