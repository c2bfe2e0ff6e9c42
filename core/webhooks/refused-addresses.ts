import { BlockList, isIPv6 } from 'node:net';

/**
 * Where no webhook is called, whoever asks for it: what answers there knows the host's own credentials (a cloud's metadata) or is a neighbour that no name of the outside means. What
 * a name leads to is looked at when it is dialled, so that no other answer of DNS comes in between.
 */
export class RefusedAddresses {
  readonly #allowsPrivate: boolean;

  /** @param allowsPrivate whether the machine of the host and its private networks are none of them */
  constructor({ allowsPrivate }: { allowsPrivate: boolean }) {
    this.#allowsPrivate = allowsPrivate;
  }

  /** Why an address is not dialled, as the error of that; undefined: it is. */
  refusal(text: string): Error | undefined {
    const address = text.replace(/%.*$/, '');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (linkLocal.check(address, family)) return new RefusedAddress(text, 'link-local and metadata');
    if (this.#allowsPrivate) return undefined;
    if (ofThisMachine.check(address, family)) return new RefusedAddress(text, 'loopback');
    return ofPrivateNetworks.check(address, family) ? new RefusedAddress(text, 'private') : undefined;
  }
}

export class RefusedAddress extends Error {
  readonly address: string;

  constructor(address: string, kind: string) {
    super(`webhooks at ${kind} addresses are not called`);
    this.address = address;
  }
}

/** Also those of IPv4 in the form of IPv6: a BlockList knows ::ffff:0:0/96 itself, and not the prefix of NAT64. */
const linkLocal = new BlockList();
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4');
linkLocal.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6');
linkLocal.addSubnet('fe80::', 10, 'ipv6');
// AWS's own services on an instance: metadata (fd00:ec2::254), DNS, credentials of containers.
linkLocal.addSubnet('fd00:ec2::', 32, 'ipv6');

/** `0.0.0.0` and `::` are dialled as the machine itself. */
const ofThisMachine = new BlockList();
ofThisMachine.addSubnet('127.0.0.0', 8, 'ipv4');
ofThisMachine.addSubnet('0.0.0.0', 8, 'ipv4');
ofThisMachine.addAddress('::1', 'ipv6');
ofThisMachine.addAddress('::', 'ipv6');
ofThisMachine.addSubnet('64:ff9b::7f00:0', 104, 'ipv6');

/** RFC 1918, RFC 6598 (of carriers, and of clouds' own), RFC 4193; those of IPv4 in NAT64's form too. */
const ofPrivateNetworks = new BlockList();
for (const [network, prefix, nat64] of [
  ['10.0.0.0', 8, 'a00:0'],
  ['172.16.0.0', 12, 'ac10:0'],
  ['192.168.0.0', 16, 'c0a8:0'],
  ['100.64.0.0', 10, '6440:0'],
] as const) {
  ofPrivateNetworks.addSubnet(network, prefix, 'ipv4');
  ofPrivateNetworks.addSubnet(`64:ff9b::${nat64}`, 96 + prefix, 'ipv6');
}
ofPrivateNetworks.addSubnet('fc00::', 7, 'ipv6');
