import type { EndpointPort } from '../../schema/generated/kinds.ts';

type SlicePort = Pick<EndpointPort, 'name' | 'protocol' | 'appProtocol'> & { port?: number };

/**
 * The ports of a slice stand in the order of hashes of what Go prints of each, so that the same ports are the same slice (k8s.io/endpointslice/util, portsInOrder;
 * DeepHashObject of FNV-1a with 128 bits).
 */
export const portsInOrder = <T extends SlicePort>(ports: readonly T[]): T[] =>
  ports.length < 2
    ? [...ports]
    : ports
        .map((port) => ({ port, hash: hashOf(port) }))
        .sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0))
        .map(({ port }) => port);

function hashOf({ name = '', protocol = 'TCP', port, appProtocol }: SlicePort): bigint {
  const text = `(v1.EndpointPort){Name:(*string)${name} Protocol:(*v1.Protocol)${protocol} Port:(*int32)${port ?? '<nil>'} AppProtocol:(*string)${appProtocol ?? '<nil>'}}`;
  let hash = OFFSET_BASIS;
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * PRIME) & MASK;
  return hash;
}

const OFFSET_BASIS = 0x6c62272e07bb014262b821756295c58dn;
const PRIME = 0x0000000001000000000000000000013bn;
const MASK = (1n << 128n) - 1n;
