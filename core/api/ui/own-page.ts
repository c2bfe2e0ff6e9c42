import { StatusError } from '../../kube/status.ts';

/** Which page sends it: no form and no link can have a header of this name, and no page of another origin without leave (core/api/cors.ts gives none). */
export const PAGE_HEADER = 'x-logplane-page';

interface Asked {
  readonly headers: Headers;
  /** The host that the client names. */
  readonly host: string;
}

/**
 * Whether a request comes from the page that this host serves, and from no other, be it on another port of this machine (which for SameSite is the same site): it has the page's header, the
 * browser says that it is of the same origin (Fetch Metadata Request Headers), and what it names as its origin is this one. Throws 403 with what is missing.
 */
export function checkOwnPage({ headers, host }: Asked, isOwnHost: (host: string) => boolean): void {
  const site = headers.get('sec-fetch-site');
  const origin = headers.get('origin');
  if (!isOwnHost(host)) throw notOfPage('it names a host that this is not');
  if (headers.get(PAGE_HEADER) === null) throw notOfPage(`it has no header ${PAGE_HEADER}`);
  if (site !== null && site !== 'same-origin') throw notOfPage('it comes from another page');
  if (origin !== null && origin !== `https://${host}`) throw notOfPage('it comes from another origin');
  // A browser that says neither leaves it open.
  if (site === null && origin === null) throw notOfPage('it does not say where it comes from');
}

const notOfPage = (why: string): StatusError =>
  new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `a session of the page is good for requests of the page alone: ${why}`,
    reason: 'Forbidden',
    code: 403,
  });
