/**
 * The cookie of a session (RFC 6265bis; the prefix `__Host-`: sent over TLS alone, to this host alone, and set by no other). Browsers tell hosts apart, and not ports: two servers on one
 * machine have cookies of different names.
 */
export const cookieName = (host: string): string => `__Host-logplane-${/:(\d+)$/.exec(host)?.[1] ?? '443'}`;

/** The value of a cookie; undefined when there is none. One that comes twice is none: it cannot be ours alone. */
export function cookieIn(header: string | null, name: string): string | undefined {
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 && values[0] !== '' ? values[0] : undefined;
}

export const setCookie = (name: string, value: string, seconds: number): string =>
  `${name}=${value}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Strict`;
