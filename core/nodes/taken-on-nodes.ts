import type { Amounts } from '../apis/core/pod-requests.ts';
import { isPodTerminal } from '../apis/core/pod-terminal.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import { emptyTree, type Tree } from '../state/tree.ts';
import type { View } from '../state/view.ts';
import { hostPortsOf } from './admit-pod.ts';
import { allocatedRequests } from './resize.ts';

/** What the pods have of a node that its agent has taken in. */
export interface TakenOnNode {
  readonly pods: number;
  readonly amounts: Amounts;
  /** How many of them have each port of the node (`hostPortsOf`), and each address. */
  readonly hostPorts: ReadonlyMap<string, number>;
  readonly addresses: ReadonlyMap<string, number>;
}

/** By the name of the node; none where no pod was taken in. Kept up pod by pod, so that to look at a node costs the same however many pods it has. */
export const takenOnNodes: View<Tree<TakenOnNode>, 'pods'> = {
  of: ['pods'],
  initial: emptyTree(),
  evolve(before, changes) {
    const after = before.clone();
    /** Those that were made for this batch. */
    const own = new Map<string, Counting>();
    const countOf = (node: string) => {
      let counting = own.get(node);
      if (!counting) {
        const { pods = 0, amounts, hostPorts, addresses } = before.get(node) ?? {};
        counting = { pods, amounts: { ...amounts }, hostPorts: new Map(hostPorts), addresses: new Map(addresses) };
        own.set(node, counting);
        after.set(node, counting);
      }
      return counting;
    };
    for (const { type, object, previous } of changes) {
      const [was, is] = [previous, type === 'DELETED' ? undefined : object].map((pod) => (pod && isTakenIn(pod) ? pod : undefined));
      if (was) count(countOf(was.spec!.nodeName!), was, -1);
      if (is) count(countOf(is.spec!.nodeName!), is, 1);
    }
    for (const [node, { pods }] of own) if (pods === 0) after.delete(node);
    return after;
  },
};

interface Counting {
  pods: number;
  readonly amounts: Record<string, number>;
  readonly hostPorts: Map<string, number>;
  readonly addresses: Map<string, number>;
}

function count(into: Counting, pod: Pod, by: 1 | -1): void {
  into.pods += by;
  for (const [name, amount] of Object.entries(allocatedRequests(pod))) into.amounts[name] = (into.amounts[name] ?? 0) + by * amount;
  for (const port of hostPortsOf(pod)) add(into.hostPorts, port, by);
  if (pod.status?.podIP && !pod.spec?.hostNetwork) add(into.addresses, pod.status.podIP, by);
}

function add(counts: Map<string, number>, one: string, by: number): void {
  const count = (counts.get(one) ?? 0) + by;
  if (count === 0) counts.delete(one);
  else counts.set(one, count);
}

/** A pod that has ended holds nothing; one that was not looked at yet has taken nothing. */
export const isTakenIn = (pod: Pod): boolean => pod.spec?.nodeName !== undefined && !isPodTerminal(pod) && pod.status?.startTime !== undefined;
