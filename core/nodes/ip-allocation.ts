/**
 * The addresses of an IPv4 range that pods may have, in order: all but the network's own, the gateway's (the first, as the CNI plugins
 * `host-local` and `bridge` take it) and the broadcast address. None for a text that is not such a range.
 */
export function* addressesOf(cidr: string): Generator<string, undefined> {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  if (!match) return;
  const [a, b, c, d, bits] = match.slice(1).map(Number) as [number, number, number, number, number];
  if ([a, b, c, d].some((part) => part > 255) || bits > 32) return;
  const size = 2 ** (32 - bits);
  const first = Math.floor((((a * 256 + b) * 256 + c) * 256 + d) / size) * size;
  for (let i = first + 2; i < first + size - 1; i++) yield [i >>> 24, (i >>> 16) & 255, (i >>> 8) & 255, i & 255].join('.');
}
