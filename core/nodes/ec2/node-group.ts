import type { Node } from '../../schema/generated/kinds.ts';
import { ec2Node } from './ec2-node.ts';
import type { InstanceType } from './instance-type.ts';

/** The nodes of a new cluster of the EKS shape: those of one managed node group, in three zones of a region. */
export function nodeGroup(count: number, { type, now, region = 'eu-west-1' }: { type: InstanceType; now: number; region?: string }): Node[] {
  return Array.from({ length: count }, (_, i) =>
    ec2Node({ type, zone: `${region}${'abc'[i % 3]}`, number: i + 1, nodeGroup: NODE_GROUP, cluster: CLUSTER, now }),
  );
}

/** What the cluster and its node group are called, unless told. */
export const CLUSTER = 'logplane';
export const NODE_GROUP = 'default';
