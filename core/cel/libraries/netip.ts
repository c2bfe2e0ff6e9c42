import { quoted } from '../../kube/validation/field.ts';
import { Failure } from '../value.ts';

/** An IP address as its bytes, 4 or 16 of them, and for IPv6 the zone behind `%`. */
export interface Address {
  readonly bytes: Uint8Array;
  readonly zone: string;
}

export interface Prefix {
  readonly bytes: Uint8Array;
  readonly bits: number;
}

/** An address as Go's net/netip reads it (`ParseAddr`), which knows no octal numbers and no leading zeros. A Failure has its words. */
export function parseAddress(text: string): Address | Failure {
  const mark = /[.:%]/.exec(text)?.[0];
  if (mark === '.') {
    const bytes = readIPv4(text, 0, text.length);
    return bytes instanceof Failure ? bytes : { bytes, zone: '' };
  }
  if (mark === ':') return readIPv6(text);
  return wrong(text, mark === '%' ? 'missing IPv6 address' : 'unable to parse IP');
}

/** `192.168.0.0/16` (`ParsePrefix`). A Failure has Go's words. */
export function parsePrefix(text: string): Prefix | Failure {
  const slash = text.lastIndexOf('/');
  if (slash === -1) return wrongPrefix(text, "no '/'");
  const address = parseAddress(text.slice(0, slash));
  if (address instanceof Failure) return wrongPrefix(text, address.message);
  if (address.zone) return wrongPrefix(text, 'IPv6 zones cannot be present in a prefix');
  const digits = text.slice(slash + 1);
  if (!/^(0|[1-9][0-9]{0,18})$/.test(digits)) return wrongPrefix(text, `bad bits after slash: ${quoted(digits)}`);
  const bits = Number(digits);
  return bits > address.bytes.length * 8 ? wrongPrefix(text, 'prefix length out of range') : { bytes: address.bytes, bits };
}

/** The canonical form: lower case, the longest run of two zero groups or more as `::` (RFC 5952). */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = groupsOf(bytes);
  const zeros = longestZeros(groups);
  const hex = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return zeros ? `${hex(0, zeros.start)}::${hex(zeros.end, 8)}` : hex(0, 8);
}

/** `::ffff:1.2.3.4`: an IPv4 address in the clothes of an IPv6 one. */
export const isMapped = ({ bytes }: { readonly bytes: Uint8Array }): boolean =>
  bytes.length === 16 && bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;

/** The first bits of it; the others zero. */
export const masked = (bytes: Uint8Array, bits: number): Uint8Array => bytes.map((byte, i) => byte & (0xff00 >> Math.min(Math.max(bits - i * 8, 0), 8)) & 0xff);

/** Whether an address of the same family begins with the prefix. */
export const contains = (prefix: Prefix, bytes: Uint8Array): boolean =>
  prefix.bytes.length === bytes.length && sameBytes(masked(prefix.bytes, prefix.bits), masked(bytes, prefix.bits));

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

function groupsOf(bytes: Uint8Array): number[] {
  return Array.from({ length: 8 }, (_, i) => bytes[i * 2]! * 256 + bytes[i * 2 + 1]!);
}

function longestZeros(groups: readonly number[]): { start: number; end: number } | undefined {
  let longest: { start: number; end: number } | undefined;
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start >= 2 && end - start > (longest ? longest.end - longest.start : 0)) longest = { start, end };
  }
  return longest;
}

/** The four numbers that stand from `from` to `to`; errors quote the whole text. */
function readIPv4(text: string, from: number, to: number): Uint8Array | Failure {
  const bytes = new Uint8Array(4);
  let value = 0;
  let digits = 0;
  let field = 0;
  for (let i = from; i < to; i++) {
    const char = text[i]!;
    if (char >= '0' && char <= '9') {
      if (digits === 1 && value === 0) return wrong(text, 'IPv4 field has octet with leading zero');
      value = value * 10 + Number(char);
      digits++;
      if (value > 255) return wrong(text, 'IPv4 field has value >255');
    } else if (char === '.') {
      if (i === from || i === to - 1 || text[i - 1] === '.') return wrong(text, 'IPv4 field must have at least one digit', text.slice(i, to));
      if (field === 3) return wrong(text, 'IPv4 address too long');
      bytes[field++] = value;
      value = 0;
      digits = 0;
    } else return wrong(text, 'unexpected character', text.slice(i, to));
  }
  if (field < 3) return wrong(text, 'IPv4 address too short');
  bytes[3] = value;
  return bytes;
}

function readIPv6(text: string): Address | Failure {
  const percent = text.indexOf('%');
  const end = percent === -1 ? text.length : percent;
  const zone = percent === -1 ? '' : text.slice(percent + 1);
  if (percent !== -1 && zone === '') return wrong(text, 'zone must be a non-empty string');
  const bytes = readGroups(text, end);
  return bytes instanceof Failure ? bytes : { bytes, zone };
}

function readGroups(text: string, end: number): Uint8Array | Failure {
  const bytes: number[] = [];
  let ellipsis = -1;
  let at = 0;
  const rest = () => text.slice(at, end);
  if (rest().startsWith('::')) {
    ellipsis = 0;
    at = 2;
    if (at === end) return new Uint8Array(16);
  }
  while (bytes.length < 16) {
    const digits = /^[0-9a-fA-F]*/.exec(text.slice(at, Math.min(end, at + 5)))![0];
    if (digits.length > 4) return wrong(text, 'each group must have 4 or less digits', rest());
    if (digits === '') return wrong(text, 'each colon-separated field must have at least one digit', rest());
    if (at + digits.length < end && text[at + digits.length] === '.') {
      if (ellipsis === -1 && bytes.length !== 12) return wrong(text, 'embedded IPv4 address must replace the final 2 fields of the address', rest());
      if (bytes.length > 12) return wrong(text, 'too many hex fields to fit an embedded IPv4 at the end of the address', rest());
      const embedded = readIPv4(text, at, end);
      if (embedded instanceof Failure) return embedded;
      bytes.push(...embedded);
      at = end;
      break;
    }
    const group = Number.parseInt(digits, 16);
    bytes.push(group >> 8, group & 0xff);
    at += digits.length;
    if (at === end) break;
    if (text[at] !== ':') return wrong(text, 'unexpected character, want colon', rest());
    if (at + 1 === end) return wrong(text, 'colon must be followed by more characters', rest());
    at++;
    if (text[at] === ':') {
      if (ellipsis !== -1) return wrong(text, 'multiple :: in address', rest());
      ellipsis = bytes.length;
      at++;
      if (at === end) break;
    }
  }
  if (at !== end) return wrong(text, 'trailing garbage after address', rest());
  if (bytes.length < 16) {
    if (ellipsis === -1) return wrong(text, 'address string too short');
    bytes.splice(ellipsis, 0, ...new Array<number>(16 - bytes.length).fill(0));
  } else if (ellipsis !== -1) return wrong(text, 'the :: must expand to at least one field of zeros');
  return Uint8Array.from(bytes);
}

const wrong = (text: string, message: string, at?: string): Failure => new Failure(`ParseAddr(${quoted(text)}): ${message}${at ? ` (at ${quoted(at)})` : ''}`);

const wrongPrefix = (text: string, message: string): Failure => new Failure(`netip.ParsePrefix(${quoted(text)}): ${message}`);
