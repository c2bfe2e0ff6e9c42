import { quoted } from '../../kube/validation/field.ts';
import type { Library, Overload } from '../library.ts';
import { BOOL, INT, opaqueType, STRING, type Type, typeOfType } from '../type.ts';
import { Failure, noSuchOverload, OpaqueValue, type Result, type Value } from '../value.ts';
import { CONSTANT, traversal } from './costs.ts';
import { addressText, isMapped, parseAddress, sameBytes } from './netip.ts';

export const IP = opaqueType('net.IP', 'constant');

/** An IP address without a zone, and not an IPv4 one mapped into IPv6. */
export class IpAddress extends OpaqueValue {
  readonly type = IP;
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super();
    this.bytes = bytes;
  }

  override equals(other: Value): boolean | Failure {
    return other instanceof IpAddress ? sameBytes(this.bytes, other.bytes) : noSuchOverload();
  }

  override get costSize(): number {
    return this.bytes.length;
  }

  override toString(): string {
    return addressText(this.bytes);
  }
}

export function parseIp(text: string): IpAddress | Failure {
  const address = parseAddress(text);
  if (address instanceof Failure) return new Failure(`IP Address ${quoted(text)} parse error during conversion from string: ${address.message}`);
  if (address.zone) return new Failure(`IP address ${quoted(text)} with zone value is not allowed`);
  return isMapped(address) ? mappedAddress(text) : new IpAddress(address.bytes);
}

export const mappedAddress = (text: string): Failure => new Failure(`IPv4-mapped IPv6 address ${quoted(text)} is not allowed`);

const accessor = (id: string, result: Type, call: (ip: IpAddress) => Result): Overload => ({ id, member: true, parameters: [IP], result, call });

const test = (name: string, id: string, holds: (bytes: Uint8Array) => boolean) => ({
  name,
  overloads: [accessor(id, BOOL, ({ bytes }) => holds(bytes))],
  cost: CONSTANT,
});

const parsing = traversal();

/** `ip('192.168.0.1').isLoopback()` (k8s.io/apiserver/pkg/cel/library/ip.go). */
export const ipLibrary: Library = {
  name: 'kubernetes.net.ip',
  constants: { 'net.IP': { type: typeOfType(IP), value: IP } },
  functions: [
    {
      name: 'ip',
      overloads: [{ id: 'string_to_ip', parameters: [STRING], result: IP, call: parseIp }],
      // The other overload takes the address of a block that has been read.
      cost: {
        actual: (call) => (call.overload === 'cidr_ip' ? CONSTANT : parsing).actual?.(call),
        estimate: (call) => (call.overload === 'cidr_ip' ? CONSTANT : parsing).estimate?.(call),
      },
    },
    {
      name: 'isIP',
      overloads: [{ id: 'is_ip', parameters: [STRING], result: BOOL, call: (text: string) => parseIp(text) instanceof IpAddress }],
      cost: parsing,
    },
    {
      name: 'ip.isCanonical',
      overloads: [{ id: 'ip_is_canonical', parameters: [STRING], result: BOOL, call: isCanonical }],
      cost: traversal({ times: 2 }),
    },
    { name: 'string', overloads: [{ id: 'ip_to_string', parameters: [IP], result: STRING, call: String }] },
    { name: 'family', overloads: [accessor('ip_family', INT, ({ bytes }) => (bytes.length === 4 ? 4n : 6n))], cost: CONSTANT },
    test('isUnspecified', 'ip_is_unspecified', isUnspecified),
    test('isLoopback', 'ip_is_loopback', isLoopback),
    test('isLinkLocalMulticast', 'ip_is_link_local_multicast', ([a, b, c, ...rest]) =>
      rest.length === 1 ? a === 224 && b === 0 && c === 0 : a === 0xff && (b! & 0x0f) === 2,
    ),
    test('isLinkLocalUnicast', 'ip_is_link_local_unicast', isLinkLocalUnicast),
    test(
      'isGlobalUnicast',
      'ip_is_global_unicast',
      (bytes) => !isUnspecified(bytes) && !isBroadcast(bytes) && !isLoopback(bytes) && !isMulticast(bytes) && !isLinkLocalUnicast(bytes),
    ),
  ],
};

function isCanonical(text: string): boolean | Failure {
  const ip = parseIp(text);
  return ip instanceof Failure ? ip : ip.toString() === text;
}

function isUnspecified(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

const isBroadcast = (bytes: Uint8Array): boolean => bytes.length === 4 && bytes.every((byte) => byte === 255);

const isMulticast = ({ length, 0: first }: Uint8Array): boolean => (length === 4 ? (first! & 0xf0) === 0xe0 : first === 0xff);

function isLoopback(bytes: Uint8Array): boolean {
  return bytes.length === 4 ? bytes[0] === 127 : bytes.every((byte, i) => byte === (i === 15 ? 1 : 0));
}

function isLinkLocalUnicast({ length, 0: a, 1: b }: Uint8Array): boolean {
  return length === 4 ? a === 169 && b === 254 : a === 0xfe && (b! & 0xc0) === 0x80;
}
