import { podRangeOf } from '../apis/core/node-agent.ts';
import type { Node, Pod } from '../schema/generated/kinds.ts';
import type { Limit } from '../state/reads.ts';
import type { State } from '../state/state.ts';
import { admitPod, hostPortsOf, insufficient, type Rejection, shortageFor } from './admit-pod.ts';
import { addressesOf } from './ip-allocation.ts';
import type { Shortage } from './preemption.ts';
import { allocatedRequests } from './resize.ts';
import { isTakenIn, type TakenOnNode, takenOnNodes } from './taken-on-nodes.ts';

/** What is left of a node while a pass takes pods in. */
export class NodeRoom {
  readonly #node: Node;
  #pods: number;
  readonly #amounts: Record<string, number>;
  readonly #hostPorts: Set<string>;
  readonly #taken: TakenOnNode | undefined;
  readonly #addresses: Iterator<string>;

  constructor(node: Node, state: State) {
    this.#node = node;
    this.#taken = state.view(takenOnNodes).get(node.metadata.name);
    this.#pods = this.#taken?.pods ?? 0;
    this.#amounts = { ...this.#taken?.amounts };
    this.#hostPorts = new Set(this.#taken?.hostPorts.keys());
    this.#addresses = addressesOf(podRangeOf(node) ?? '');
  }

  /** Takes the pod in, or says why not. */
  admit(pod: Pod): Rejection | undefined {
    const rejection = admitPod(pod, this.#node, this.#usage());
    if (!rejection) this.#take(pod);
    return rejection;
  }

  /** How much is missing for a pod that is refused for nothing else. */
  shortageFor(pod: Pod): Shortage | undefined {
    return shortageFor(pod, this.#node, this.#usage());
  }

  /** Why there is no room for what a pod that is here wants by now. Undefined: there is. */
  fits(pod: Pod): Rejection | undefined {
    const amounts = { ...this.#amounts };
    for (const [name, amount] of Object.entries(allocatedRequests(pod))) amounts[name] = (amounts[name] ?? 0) - amount;
    return insufficient(pod, this.#node, { pods: this.#pods - 1, amounts });
  }

  /** The first address of the node's range that no pod has. Undefined when there is none left. */
  allocateIP(): string | undefined {
    for (let next = this.#addresses.next(); !next.done; next = this.#addresses.next()) {
      if (!this.#taken?.addresses.has(next.value)) return next.value;
    }
    return undefined;
  }

  #usage() {
    return { pods: this.#pods, amounts: this.#amounts, hostPorts: this.#hostPorts };
  }

  #take(pod: Pod): void {
    this.#pods++;
    for (const [name, amount] of Object.entries(allocatedRequests(pod))) this.#amounts[name] = (this.#amounts[name] ?? 0) + amount;
    for (const port of hostPortsOf(pod)) this.#hostPorts.add(port);
  }
}

/** What is left of a node, as an agent counts it: a pod takes some when it is taken in, when its spec changes and when it gets its address. */
export const roomOfNode: Limit<'node'> = {
  of: 'node',
  takesMore: (pod, previous) => {
    if (!isTakenIn(pod)) return false;
    if (!previous || !isTakenIn(previous) || previous.spec !== pod.spec) return true;
    return pod.status?.podIP !== undefined && pod.status.podIP !== previous.status?.podIP;
  },
};
