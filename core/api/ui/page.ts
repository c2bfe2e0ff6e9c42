import { bearerToken } from '../../auth/authenticator.ts';
import { unauthorized } from '../../kube/status.ts';
import type { User } from '../../kube/user.ts';
import { methodNotAllowed, pageNotFound } from '../answers/failures.ts';
import { cookieIn, cookieName, setCookie } from './cookie.ts';
import { checkOwnPage } from './own-page.ts';
import type { PageFile, PageFiles } from './page-files.ts';
import { pageHeaders } from './page-headers.ts';
import { SESSION_SECONDS, type Sessions } from './sessions.ts';

export interface PageOptions {
  /** What was built, read when it is first asked for. */
  readonly files: () => PageFiles;
  /** Who has signed in; none: the page asks for a token, and keeps it. */
  readonly sessions?: Sessions;
  /** Whether the bearer of a token may have a code made: who may sign in. */
  readonly mayHaveCode?: (token: string) => Promise<boolean>;
  /** Whether a Host header names this server, where sessions are: a name that somebody else has made to lead here does not. */
  readonly isOwnHost?: (host: string) => boolean;
}

interface Asked {
  readonly method: string;
  readonly headers: Headers;
  /** The host that the client names. */
  readonly host: string;
}

/** What else a request to the page is answered by. */
interface Served {
  /** The cluster that the page shows first. */
  readonly defaultCluster: string | undefined;
}

/** The page at `/ui/`: its files, and how one signs in to it. It reads and writes through the API like any client. */
export class Page {
  readonly #options: PageOptions;
  #files: PageFiles | undefined;

  constructor(options: PageOptions) {
    this.#options = options;
  }

  /** The answer to a request for `/ui` or what is below it; undefined: it is for something else. Throws 403 where a session is asked about from elsewhere. */
  answer(target: string, request: Asked, served: Served): Response | Promise<Response> | undefined {
    const path = pathOf(target);
    if (path !== '/ui' && !path.startsWith('/ui/')) return undefined;
    // Relative: what stands before `/ui` in the URL is not known here.
    if (path === '/ui') return answerWith(308, { location: 'ui/' });
    const name = path.slice('/ui/'.length);
    if (name === 'code') return this.#code(request);
    if (name === 'session') return this.#session(request, served);
    if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
    const code = name === '' ? codeIn(target) : undefined;
    if (code !== undefined) return this.#signIn(code, request);
    this.#files ??= this.#options.files();
    const file = this.#files.get(name === '' ? 'index.html' : name);
    return file ? answerFile(file, request) : pageNotFound();
  }

  /** Who acts in the session that a request of the page has a cookie of; undefined: it has none. Throws 403 where the request is not the page's. An unknown session is `over`. */
  userOf(request: Pick<Asked, 'headers' | 'host'>): User | 'over' | undefined {
    const { sessions } = this.#options;
    const session = sessions && sessionIn(request);
    if (session === undefined) return undefined;
    this.#checkOwnPage(request);
    return sessions!.userOf(session) ?? 'over';
  }

  #checkOwnPage(request: Pick<Asked, 'headers' | 'host'>): void {
    checkOwnPage(request, this.#options.isOwnHost ?? (() => true));
  }

  /** Makes a code, for whoever has the token already: the command line shows its user a link. */
  async #code({ method, headers }: Asked): Promise<Response> {
    const { sessions, mayHaveCode } = this.#options;
    if (!sessions || !mayHaveCode) return pageNotFound();
    if (method !== 'POST') throw methodNotAllowed();
    const token = bearerToken(headers.get('authorization'));
    if (token === undefined || !(await mayHaveCode(token))) throw unauthorized();
    return answerWith(201, { 'content-type': 'application/json' }, JSON.stringify({ code: sessions.code() }));
  }

  /** The code is in no URL that stays: neither the history of the browser nor a referrer has it. It is used up in any case. */
  #signIn(code: string, { method, host }: Asked): Response {
    const { sessions, isOwnHost = () => true } = this.#options;
    if (!sessions || !isOwnHost(host)) return pageNotFound();
    // Only following the link signs in; a HEAD, which those send who look at links, does not use it up.
    const session = method === 'GET' ? sessions.signIn(code) : undefined;
    if (session === undefined) return answerWith(303, { location: './#/signed-out/link' });
    return answerWith(303, { location: './', 'set-cookie': setCookie(cookieName(host), session, SESSION_SECONDS) });
  }

  /** Who is signed in, and how one does so; DELETE signs out. */
  #session(request: Asked, { defaultCluster: cluster }: Served): Response {
    this.#checkOwnPage(request);
    const { sessions } = this.#options;
    const session = sessions && sessionIn(request);
    if (request.method === 'DELETE') {
      if (session !== undefined) sessions!.signOut(session);
      return answerWith(204, { 'set-cookie': setCookie(cookieName(request.host), '', 0) });
    }
    if (request.method !== 'GET') throw methodNotAllowed();
    const user = session === undefined ? undefined : sessions!.userOf(session);
    return answerWith(
      200,
      { 'content-type': 'application/json' },
      JSON.stringify({ signIn: sessions ? 'link' : 'token', user: user?.username ?? null, cluster }),
    );
  }
}

const sessionIn = ({ headers, host }: Pick<Asked, 'headers' | 'host'>): string | undefined => cookieIn(headers.get('cookie'), cookieName(host));

/** As it was sent: a name with a dot segment or an escape in it is no file's. */
const pathOf = (target: string): string => target.replace(/[?#].*$/s, '');

const codeIn = (target: string): string | undefined => new URLSearchParams(target.replace(/^[^?]*\??/s, '')).get('code') ?? undefined;

function answerFile({ bytes, gzip, mediaType, etag, isImmutable }: PageFile, { method, headers: sent }: Asked): Response {
  const headers = pageHeaders();
  headers.set('content-type', mediaType);
  headers.set('etag', etag);
  headers.set('vary', 'Accept-Encoding');
  headers.set('cache-control', isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (sent.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
  const isGzip = /\bgzip\b/.test(sent.get('accept-encoding') ?? '');
  if (isGzip) headers.set('content-encoding', 'gzip');
  const body = isGzip ? gzip : bytes;
  headers.set('content-length', String(body.length));
  return new Response(method === 'HEAD' ? null : body, { headers });
}

function answerWith(status: number, more: Readonly<Record<string, string>>, body: string | null = null): Response {
  const headers = pageHeaders();
  headers.set('cache-control', 'no-store');
  for (const [name, value] of Object.entries(more)) headers.set(name, value);
  return new Response(body, { status, headers });
}
