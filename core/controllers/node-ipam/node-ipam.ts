import { isServed } from '../../apis/core/node-agent.ts';
import { keyOf } from '../../kube/object.ts';
import { controllerUser } from '../../kube/user.ts';
import { podCIDROf } from '../../nodes/node-objects.ts';
import { takenNumbers } from '../../nodes/register-node.ts';
import type { Node } from '../../schema/generated/kinds.ts';
import { type Controller, nothing } from '../controller.ts';
import { updateTo } from '../shared/mutations.ts';

/**
 * Gives each node a range of the cluster's pod addresses that no other node has (pkg/controller/nodeipam/ipam/range_allocator.go). Those that are served here take
 * theirs when they register (nodes/register-node.ts).
 */
export const nodeIpam: Controller<Node> = {
  name: 'node-ipam',
  actor: controllerUser('node-controller'),
  resource: 'nodes',
  reconcile({ object: node, state, assumed }) {
    if (!node || node.spec?.podCIDR || node.metadata.deletionTimestamp || isServed(node)) return nothing;
    const taken = numbersOf(state.list('nodes'));
    let number = 1;
    while (taken.has(number) || assumed.has(keyOf(RANGES, undefined, String(number)))) number++;
    assumed.add(keyOf(RANGES, undefined, String(number)));
    const podCIDR = podCIDROf(number);
    return { mutations: [updateTo('nodes', { ...node, spec: { ...node.spec, podCIDR, podCIDRs: [podCIDR] } })] };
  },
};

const RANGES = 'pod-ranges';

/** Once for all nodes of a round: a state has one list of them. */
function numbersOf(nodes: readonly Node[]): ReadonlySet<number> {
  let numbers = counted.get(nodes);
  if (!numbers) {
    numbers = takenNumbers(nodes);
    counted.set(nodes, numbers);
  }
  return numbers;
}

const counted = new WeakMap<readonly Node[], ReadonlySet<number>>();
