import { ec2Node, freeNumbers } from '../core/nodes/ec2/ec2-node.ts';
import { instanceType } from '../core/nodes/ec2/instance-type.ts';
import { CLUSTER } from '../core/nodes/ec2/node-group.ts';
import type { Node, Taint } from '../core/schema/generated/kinds.ts';
import type { ApiClient } from './client/api-client.ts';

export interface AddNodesOptions {
  readonly type: string;
  /** `eu-west-1a` */
  readonly zone: string;
  readonly count: number;
  readonly nodegroup: string;
  readonly spot: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
}

/** Creates Nodes of an EC2 instance type in a running cluster, as a managed node group that grows does. Returns their names; throws what the cluster refuses. */
export async function addNodes(options: AddNodesOptions, { client, now }: { client: ApiClient; now: number }): Promise<string[]> {
  const { type: name, zone, count, nodegroup: nodeGroup, spot, labels, taints } = options;
  const type = instanceType(name);
  if (!type) throw new Error(`there is no EC2 instance type ${JSON.stringify(name)}`);
  const { items } = await client.get<{ items: Node[] }>('/api/v1/nodes');
  const cluster = items.map(({ metadata }) => metadata.labels?.['alpha.eksctl.io/cluster-name']).find((label) => label !== undefined) ?? CLUSTER;
  const nodes = freeNumbers(count, zone, items).map((number) =>
    ec2Node({ type, zone, number, nodeGroup, cluster, capacityType: spot ? 'SPOT' : 'ON_DEMAND', labels, taints, now }),
  );
  for (const node of nodes) await client.send('POST', '/api/v1/nodes', node);
  return nodes.map(({ metadata }) => metadata.name);
}

/** `key=value,key=value`; undefined when it is none. */
export function parseLabels(list: string): Record<string, string> | undefined {
  const pairs = list.split(',').map((pair) => pair.split('='));
  return pairs.every((pair) => pair.length === 2 && pair[0]) ? Object.fromEntries(pairs) : undefined;
}

/** `key=value:Effect,key:Effect`; undefined when it is none. */
export function parseTaints(list: string): Taint[] | undefined {
  const taints = list.split(',').map((taint) => /^([^=:]+)(?:=([^=:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(taint));
  return taints.every((match) => match !== null)
    ? taints.map((match) => ({ key: match[1]!, ...(match[2] && { value: match[2] }), effect: match[3]! }))
    : undefined;
}
