import { isIP } from 'node:net';

/**
 * Where a request came from: what its proxies say, and last the address of the connection itself, which alone cannot be made up
 * (apimachinery/pkg/util/net/http.go, SourceIPs).
 */
export function sourceIPs(headers: Headers, peer: string | undefined): string[] {
  const ips = (headers.get('x-forwarded-for') ?? '').split(',').flatMap(address);
  const real = address(headers.get('x-real-ip') ?? '');
  if (real[0] !== undefined && !ips.includes(real[0])) ips.push(real[0]);
  const own = address(peer ?? '');
  if (own[0] !== undefined && ips.at(-1) !== own[0]) ips.push(own[0]);
  return ips.slice(-MOST);
}

/** A client may send as many as fit into its headers; the last ones are those that proxies of ours added. */
const MOST = 20;

/** Go writes an IPv4 address that came as one of IPv6 as what it is. */
function address(text: string): string[] {
  const ip = text.trim().replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(ip) ? [ip] : [];
}
