import type { Key } from '../../kube/object.ts';
import type { ServiceCIDR } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import type { View } from '../../state/view.ts';
import { ipv4ToNumber, isIPv4 } from './ip.ts';

/** The addresses of Services, as kubeadm sets them: the range that the API server keeps a ServiceCIDR of (pkg/controlplane/controller/defaultservicecidr). */
export const DEFAULT_RANGE = { name: 'kubernetes', cidr: '10.96.0.0/12' } as const;

/** A range that a Service may get an address of, as numbers: without the address of the network and that of its broadcasts. */
export interface ServiceRange {
  readonly text: string;
  readonly first: number;
  readonly last: number;
  /** From here on come those that are handed out; the ones before are left to Services that ask for a certain one, as long as there are others (KEP-3070). */
  readonly dynamic: number;
}

/**
 * The ranges that new addresses may come from: those of ServiceCIDRs that are ready and stay (pkg/registry/core/service/ipallocator/cidrallocator.go), in the order of their names. The
 * cluster is of one family, IPv4.
 */
export const serviceRanges = (state: State): readonly ServiceRange[] => state.view(view).ranges;

interface Ranges {
  readonly objects: ReadonlyMap<Key, ServiceCIDR>;
  readonly ranges: readonly ServiceRange[];
}

/** The default one is there before its controllers have seen it. */
function rangesOf(objects: ReadonlyMap<Key, ServiceCIDR>): Ranges {
  const all = [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  const isDefaultThere = all.some(({ metadata }) => metadata.name === DEFAULT_RANGE.name);
  const cidrs = [...(isDefaultThere ? [] : [DEFAULT_RANGE.cidr]), ...all.filter(isReady).flatMap(({ spec }) => spec?.cidrs ?? [])];
  return { objects, ranges: [...new Set(cidrs)].flatMap((cidr) => rangeOf(cidr) ?? []) };
}

const view: View<Ranges> = {
  of: ['servicecidrs.networking.k8s.io'],
  initial: rangesOf(new Map()),
  evolve({ objects }, changes) {
    const after = new Map(objects);
    for (const { key, type, object } of changes) {
      if (type === 'DELETED') after.delete(key);
      else after.set(key, object as ServiceCIDR);
    }
    return rangesOf(after);
  },
};

export const hasServiceAddress = ({ first, last }: ServiceRange, address: string): boolean => {
  const number = isIPv4(address) ? ipv4ToNumber(address) : -1;
  return number >= first && number <= last;
};

/** Undefined: it is of the other family. */
export function rangeOf(cidr: string): ServiceRange | undefined {
  const [address = '', bits] = cidr.split('/');
  if (!isIPv4(address)) return undefined;
  const size = 2 ** (32 - Number(bits));
  const base = Math.floor(ipv4ToNumber(address) / size) * size;
  const first = base + 1;
  return { text: cidr, first, last: base + size - 2, dynamic: first + reserved(size) };
}

/** A sixteenth of the range, but from 16 to 256 (bitmap.go, calculateRangeOffset). */
function reserved(size: number): number {
  return size <= 16 ? 0 : Math.min(Math.max(Math.floor(size / 16), 16), 256);
}

function isReady({ metadata, status, spec }: ServiceCIDR): boolean {
  if (metadata.deletionTimestamp) return false;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (!ready) return metadata.name === DEFAULT_RANGE.name && spec?.cidrs?.[0] === DEFAULT_RANGE.cidr;
  return ready.status === 'True';
}
