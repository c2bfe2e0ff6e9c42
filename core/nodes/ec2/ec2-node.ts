import { createHash } from 'node:crypto';
import { POD_RANGE, SIMULATED } from '../../apis/core/node-agent.ts';
import type { Node, Taint } from '../../schema/generated/kinds.ts';
import { nodeStatus } from '../node-objects.ts';
import { allocatableOf, capacityOf, type InstanceType } from './instance-type.ts';

export interface Ec2NodeOptions {
  readonly type: InstanceType;
  /** `eu-west-1a` */
  readonly zone: string;
  /** From 1, no other node's: its addresses follow from it. */
  readonly number: number;
  readonly nodeGroup: string;
  /** As EKS and eksctl know it. */
  readonly cluster: string;
  readonly capacityType?: 'ON_DEMAND' | 'SPOT';
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly now: number;
}

/**
 * A Node as an EC2 instance of a managed node group has it that eksctl made: with the labels of the kubelet, of AWS' cloud controller, of EKS and of eksctl, and the
 * addresses of eksctl's VPC. On EKS pods have addresses of the VPC, and a Node no range of its own: here one is noted in an annotation.
 */
export function ec2Node({ type, zone, number, nodeGroup, cluster, capacityType = 'ON_DEMAND', labels, taints, now }: Ec2NodeOptions): Node {
  const region = zone.slice(0, -1);
  const [range, address] = [`${prefixOf(number)}.0/24`, `${prefixOf(number)}.1`];
  const name = `ip-${address.replaceAll('.', '-')}.${region}.compute.internal`;
  const hash = (of: string) => createHash('sha256').update(`${cluster} ${of}`).digest('hex');
  const node: Node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'alpha.eksctl.io/cluster-name': cluster,
        'alpha.eksctl.io/nodegroup-name': nodeGroup,
        'beta.kubernetes.io/arch': type.architecture,
        'beta.kubernetes.io/instance-type': type.name,
        'beta.kubernetes.io/os': 'linux',
        'eks.amazonaws.com/capacityType': capacityType,
        'eks.amazonaws.com/nodegroup': nodeGroup,
        'eks.amazonaws.com/nodegroup-image': `ami-0${hash(`image ${type.architecture}`).slice(0, 16)}`,
        'eks.amazonaws.com/sourceLaunchTemplateId': `lt-0${hash(`template ${nodeGroup}`).slice(0, 16)}`,
        'eks.amazonaws.com/sourceLaunchTemplateVersion': '1',
        'failure-domain.beta.kubernetes.io/region': region,
        'failure-domain.beta.kubernetes.io/zone': zone,
        'k8s.io/cloud-provider-aws': hash('tag').slice(0, 32),
        'kubernetes.io/arch': type.architecture,
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'node.kubernetes.io/instance-type': type.name,
        'topology.k8s.aws/zone-id': zoneId(region, zone),
        'topology.kubernetes.io/region': region,
        'topology.kubernetes.io/zone': zone,
        ...labels,
      },
      annotations: {
        'alpha.kubernetes.io/provided-node-ip': address,
        [POD_RANGE]: range,
        [SIMULATED]: 'true',
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
    },
    spec: { providerID: `aws:///${zone}/i-0${hash(`instance ${number}`).slice(0, 16)}`, ...(taints?.length && { taints: [...taints] }) },
  };
  const status = nodeStatus(node, number, now, { architecture: type.architecture, capacity: capacityOf(type), allocatable: allocatableOf(type) });
  const addresses = [
    { type: 'InternalIP', address },
    { type: 'InternalDNS', address: name },
    { type: 'Hostname', address: name },
  ];
  return { ...node, status: { ...status, addresses, nodeInfo: { ...status.nodeInfo!, osImage: 'Amazon Linux 2023', kernelVersion: kernelOf(type) } } };
}

const kernelOf = ({ architecture }: InstanceType): string => `6.12.46-66.121.amzn2023.${architecture === 'arm64' ? 'aarch64' : 'x86_64'}`;

/** `euw1-az1`: of eu-west-1a here, while each account has its own order. */
function zoneId(region: string, zone: string): string {
  const [area = '', side = '', digit = ''] = region.split('-');
  const short = side.length > 5 && !side.startsWith('central') ? `${side[0]}${side.slice(5)[0]}` : side[0];
  return `${area}${short}${digit}-az${zone.charCodeAt(zone.length - 1) - 96}`;
}

/**
 * The first three parts of the addresses of the node with this number: in the private subnets of eksctl's VPC, one for each of three zones, then in the range that
 * is added to a VPC that is too small.
 */
function prefixOf(number: number): string {
  if (number <= 96) return `192.168.${96 + 32 * ((number - 1) % 3) + Math.floor((number - 1) / 3)}`;
  return `100.${64 + (number >> 8)}.${number & 255}`;
}

/** The number of the node that has this range for its pods. */
function numberOf(node: Node): number | undefined {
  const [a, b, c] = (node.metadata.annotations?.[POD_RANGE] ?? '').split('.').map(Number) as [number, number?, number?];
  if (b === undefined || c === undefined) return undefined;
  if (a === 192) return ((c - 96) % 32) * 3 + Math.floor((c - 96) / 32) + 1;
  return a === 100 ? ((b - 64) << 8) | c : undefined;
}

/** The first numbers that no node has, of those whose addresses are in a zone's subnet. */
export function freeNumbers(count: number, zone: string, nodes: readonly Node[]): number[] {
  const taken = new Set(nodes.map(numberOf));
  const out: number[] = [];
  for (let number = 1 + ((zone.charCodeAt(zone.length - 1) - 97) % 3); out.length < count; number += 3) if (!taken.has(number)) out.push(number);
  return out;
}
