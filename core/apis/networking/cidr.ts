import { ipv4ToNumber, isIPv4, isIPv6 } from '../core/ip.ts';

/** A range of addresses: those whose first `length` bits are those of `address`. */
interface Cidr {
  readonly family: 4 | 6;
  readonly address: bigint;
  readonly length: number;
}

/** `10.0.0.0/16` or `2001:db8::/64`; undefined for what is neither. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.lastIndexOf('/');
  const address = parseIp(text.slice(0, Math.max(slash, 0)));
  const length = /^(0|[1-9]\d*)$/.test(text.slice(slash + 1)) ? Number(text.slice(slash + 1)) : Number.NaN;
  return address && length <= bitsOf(address.family) ? { ...address, length } : undefined;
}

/** Whether every address of `part` is in `whole`, and not all of `whole` in `part`. */
export const isWithin = (part: Cidr, whole: Cidr): boolean =>
  part.family === whole.family && part.length > whole.length && networkOf({ ...part, length: whole.length }) === networkOf(whole);

const bitsOf = (family: 4 | 6) => (family === 4 ? 32 : 128);

const hostBits = ({ family, length }: Cidr) => BigInt(bitsOf(family) - length);

const networkOf = (cidr: Cidr) => (cidr.address >> hostBits(cidr)) << hostBits(cidr);

/** An address as a number; undefined for what is none. */
export function parseIp(text: string): { family: 4 | 6; address: bigint } | undefined {
  if (isIPv4(text)) return { family: 4, address: BigInt(ipv4ToNumber(text)) };
  if (!isIPv6(text)) return undefined;
  // The last 32 bits may be written as an IPv4 address.
  const hex = text.replace(/[^:]*\.[^:]*$/, (ipv4) => {
    const value = ipv4ToNumber(ipv4);
    return `${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`;
  });
  const [head = '', tail] = hex.split('::');
  const left = head ? head.split(':') : [];
  const right = tail ? tail.split(':') : [];
  const groups = tail === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return { family: 6, address: groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n) };
}
