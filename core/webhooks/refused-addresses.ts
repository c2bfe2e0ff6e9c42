import { BlockList, isIPv6 } from 'node:net';

/**
 * Where no webhook is called, whoever asks for it: what answers there knows the host's own credentials (a cloud's metadata) or is a neighbour that no name of the outside means. What
 * a name leads to is looked at when it is dialled, so that no other answer of DNS comes in between.
 */
export class RefusedAddresses {
  readonly #loopback: BlockList | undefined;

  /** @param loopback whether the machine of the host is one of them */
  constructor({ loopback }: { loopback: boolean }) {
    this.#loopback = loopback ? ofThisMachine : undefined;
  }

  /** Why an address is not dialled, as the error of that; undefined: it is. */
  refusal(text: string): Error | undefined {
    const address = text.replace(/%.*$/, '');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (linkLocal.check(address, family)) return new RefusedAddress(text, 'link-local and metadata');
    if (this.#loopback?.check(address, family)) return new RefusedAddress(text, 'loopback');
    return undefined;
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
