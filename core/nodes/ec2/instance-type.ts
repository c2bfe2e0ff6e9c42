import { canonicalQuantity } from '../../kube/quantity.ts';
import families from './instance-types.json' with { type: 'json' };

/** A type of EC2 instance as far as a node follows from it (scripts/eks/instance-types.ts). */
export interface InstanceType {
  readonly name: string;
  readonly architecture: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  /** How many pods get an address: ENIs of the default network card × (IPv4 addresses of each - 1) + 2. */
  readonly maxPods: number;
  /** Its GPUs or accelerators, as the extended resource by which their device plugin offers them. */
  readonly devices?: { readonly resource: string; readonly count: number };
}

/** Undefined when there is no such type. */
export function instanceType(name: string): InstanceType | undefined {
  const [family = '', size = ''] = name.split('.');
  if (!Object.hasOwn(byFamily, family)) return undefined;
  const { arch, sizes } = byFamily[family]!;
  if (!Object.hasOwn(sizes, size)) return undefined;
  const [vcpus, memoryMiB, maxPods, resource, count] = sizes[size]! as [number, number, number, string?, number?];
  return { name, architecture: arch, vcpus, memoryMiB, maxPods, ...(resource && count && { devices: { resource, count } }) };
}

const byFamily: Readonly<Record<string, { readonly arch: string; readonly sizes: Readonly<Record<string, readonly (string | number)[]>> }>> = families;

/** What a kubelet reports of an instance of this type. */
export function capacityOf(type: InstanceType): Record<string, string> {
  return {
    cpu: String(type.vcpus),
    'ephemeral-storage': ROOT_VOLUME.capacity,
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: mebibytes(memoryOf(type)),
    pods: String(podsOf(type)),
    ...(type.devices && { [type.devices.resource]: String(type.devices.count) }),
  };
}

/**
 * What of it pods may use: without what the AMI reserves for the kubelet, and without its eviction threshold (amazon-eks-ami, nodeadm; memory is reserved for as many
 * pods as there are addresses, also where a node group takes fewer).
 */
export function allocatableOf(type: InstanceType): Record<string, string> {
  return {
    ...capacityOf(type),
    cpu: `${type.vcpus * 1000 - reservedMillicores(type.vcpus)}m`,
    'ephemeral-storage': ROOT_VOLUME.allocatable,
    memory: mebibytes(memoryOf(type) - (255 + 11 * type.maxPods) - EVICTION_MIB),
  };
}

/** eksctl's 80 GiB, as the file system has them. */
const ROOT_VOLUME = { capacity: '83873772Ki', allocatable: '76224326324' };

const EVICTION_MIB = 100;

const mebibytes = (n: number): string => canonicalQuantity(`${n}Mi`);

/** In MiB: a kernel sees less than is sold. It is taken to be as much less as Karpenter reckons with before it has seen a node (VM_MEMORY_OVERHEAD_PERCENT). */
function memoryOf({ architecture, memoryMiB }: InstanceType): number {
  const sold = architecture === 'arm64' ? memoryMiB - 64 : memoryMiB;
  return sold - Math.ceil(sold * 0.075);
}

/** A managed node group takes no more than these (EKS user guide, "Amazon EKS recommended maximum Pods"). */
const podsOf = ({ vcpus, maxPods }: InstanceType): number => Math.min(maxPods, vcpus < 30 ? 110 : 250);

/** 6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the rest. */
function reservedMillicores(vcpus: number): number {
  const rest = Math.max(0, vcpus - 4) * 2.5;
  return Math.floor(60 + (vcpus > 1 ? 10 : 0) + Math.min(Math.max(0, vcpus - 2), 2) * 5 + rest);
}
