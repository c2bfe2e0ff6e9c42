import type { CallCost, Library, Overload } from '../library.ts';
import { exactly, plus, STRING_TRAVERSAL, scaled } from '../range.ts';
import { sizeOf } from '../size.ts';
import { BOOL, INT, opaqueType, STRING, type Type, typeOfType } from '../type.ts';
import { Failure, noSuchOverload, OpaqueValue, type Result, type Value } from '../value.ts';
import { CONSTANT, traversal } from './costs.ts';
import { IP, IpAddress, mappedAddress, parseIp } from './ip.ts';
import { addressText, contains, isMapped, masked, type Prefix, parsePrefix, sameBytes } from './netip.ts';

export const CIDR = opaqueType('net.CIDR', 'constant');

/** A block of addresses: one of them, and how many of its first bits they share. */
export class AddressBlock extends OpaqueValue {
  readonly type = CIDR;
  readonly prefix: Prefix;

  constructor(prefix: Prefix) {
    super();
    this.prefix = prefix;
  }

  override equals(other: Value): boolean | Failure {
    if (!(other instanceof AddressBlock)) return noSuchOverload();
    return this.prefix.bits === other.prefix.bits && sameBytes(this.prefix.bytes, other.prefix.bytes);
  }

  override get costSize(): number {
    return Math.ceil(this.prefix.bits / 8);
  }

  override toString(): string {
    return `${addressText(this.prefix.bytes)}/${this.prefix.bits}`;
  }
}

const accessor = (id: string, result: Type, call: (block: AddressBlock) => Result): Overload => ({ id, member: true, parameters: [CIDR], result, call });

/** Comparing addresses bit by bit, and for one that is given as text, reading it first. */
const comparison = ({ times, more, withText }: { times: number; more: number; withText: string }): CallCost => ({
  actual: ({ args: [block, other], overload }) => {
    const size = sizeOf(block!);
    const whole = times === 2 ? Math.ceil(size * 2 * STRING_TRAVERSAL) : Math.ceil(size * 2 * STRING_TRAVERSAL) + Math.ceil(size * STRING_TRAVERSAL);
    return whole + more + (overload === withText ? Math.ceil(sizeOf(other!) * STRING_TRAVERSAL) : 0);
  },
  estimate: ({ args: [other], overload }) => {
    const address = { min: 4n, max: 16n };
    let cost = scaled(plus(address, address), STRING_TRAVERSAL);
    if (times > 2) cost = plus(cost, scaled(address, STRING_TRAVERSAL));
    cost = plus(cost, exactly(more));
    return { cost: overload === withText ? plus(cost, scaled(other!.size, STRING_TRAVERSAL)) : cost };
  },
});

/** `cidr('192.168.0.0/24').containsIP('192.168.0.1')` (k8s.io/apiserver/pkg/cel/library/cidr.go). */
export const cidrLibrary: Library = {
  name: 'kubernetes.net.cidr',
  constants: { 'net.CIDR': { type: typeOfType(CIDR), value: CIDR }, 'net.IP': { type: typeOfType(IP), value: IP } },
  functions: [
    { name: 'cidr', overloads: [{ id: 'string_to_cidr', parameters: [STRING], result: CIDR, call: parseCidr }], cost: traversal() },
    {
      name: 'isCIDR',
      overloads: [{ id: 'is_cidr', parameters: [STRING], result: BOOL, call: (text: string) => parseCidr(text) instanceof AddressBlock }],
      cost: traversal(),
    },
    {
      name: 'containsIP',
      overloads: [
        { id: 'cidr_contains_ip_string', member: true, parameters: [CIDR, STRING], result: BOOL, call: containsIpText },
        { id: 'cidr_contains_ip_ip', member: true, parameters: [CIDR, IP], result: BOOL, call: containsIp },
      ],
      cost: comparison({ times: 2, more: 0, withText: 'cidr_contains_ip_string' }),
    },
    {
      name: 'containsCIDR',
      overloads: [
        { id: 'cidr_contains_cidr_string', member: true, parameters: [CIDR, STRING], result: BOOL, call: containsCidrText },
        { id: 'cidr_contains_cidr', member: true, parameters: [CIDR, CIDR], result: BOOL, call: containsCidr },
      ],
      cost: comparison({ times: 3, more: 1, withText: 'cidr_contains_cidr_string' }),
    },
    { name: 'ip', overloads: [accessor('cidr_ip', IP, ({ prefix }) => new IpAddress(prefix.bytes))] },
    { name: 'prefixLength', overloads: [accessor('cidr_prefix_length', INT, ({ prefix }) => BigInt(prefix.bits))], cost: CONSTANT },
    {
      name: 'masked',
      overloads: [accessor('cidr_masked', CIDR, ({ prefix: { bytes, bits } }) => new AddressBlock({ bytes: masked(bytes, bits), bits }))],
      cost: CONSTANT,
    },
    { name: 'string', overloads: [{ id: 'cidr_to_string', parameters: [CIDR], result: STRING, call: String }] },
  ],
};

const CONVERSION = 'network address parse error during conversion from string: ';

// Kubernetes says it twice when it is no block at all.
function parseCidr(text: string): AddressBlock | Failure {
  const prefix = parsePrefix(text);
  if (prefix instanceof Failure) return new Failure(CONVERSION + CONVERSION + prefix.message);
  return isMapped(prefix) ? new Failure(CONVERSION + mappedAddress(text).message) : new AddressBlock(prefix);
}

function containsIp(block: AddressBlock, ip: IpAddress): boolean {
  return contains(block.prefix, ip.bytes);
}

// What is wrong with the text is not told here, other than below.
function containsIpText(block: AddressBlock, text: string): boolean | Failure {
  const ip = parseIp(text);
  return ip instanceof Failure ? noSuchOverload() : containsIp(block, ip);
}

function containsCidr(block: AddressBlock, other: AddressBlock): boolean {
  return block.prefix.bits <= other.prefix.bits && contains(block.prefix, other.prefix.bytes);
}

function containsCidrText(block: AddressBlock, text: string): boolean | Failure {
  const other = parseCidr(text);
  return other instanceof Failure ? other : containsCidr(block, other);
}
