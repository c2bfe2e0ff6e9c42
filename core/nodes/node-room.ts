import { podRangeOf } from '../apis/core/node-agent.ts';
import { isPodTerminal } from '../apis/core/pod-terminal.ts';
import type { Node, Pod } from '../schema/generated/kinds.ts';
import type { Limit } from '../state/reads.ts';
import type { State } from '../state/state.ts';
import { admitPod, hostPortsOf, insufficient, type Rejection } from './admit-pod.ts';
import { addressesOf } from './ip-allocation.ts';
import { allocatedRequests } from './resize.ts';

/**
 * What is left of a node, counted once a pass from the pods that are bound to it and kept up as pods are taken in: a pass over a thousand
 * new pods looks at each node's pods once.
 */
export class NodeRoom {
  readonly #node: Node;
  #pods = 0;
  readonly #amounts: Record<string, number> = {};
  readonly #hostPorts = new Set<string>();
  readonly #usedIPs = new Set<string>();
  readonly #addresses: Iterator<string>;

  constructor(node: Node, state: State) {
    this.#node = node;
    for (const pod of state.by('node', node.metadata.name)) {
      if (!isTakenIn(pod)) continue;
      this.#take(pod);
      if (pod.status?.podIP && !pod.spec?.hostNetwork) this.#usedIPs.add(pod.status.podIP);
    }
    this.#addresses = addressesOf(podRangeOf(node) ?? '');
  }

  /** Takes the pod in, or says why not. */
  admit(pod: Pod): Rejection | undefined {
    const rejection = admitPod(pod, this.#node, { pods: this.#pods, amounts: this.#amounts, hostPorts: this.#hostPorts });
    if (!rejection) this.#take(pod);
    return rejection;
  }

  /** Why there is no room for what a pod that is here wants by now. Undefined: there is. */
  fits(pod: Pod): Rejection | undefined {
    const amounts = { ...this.#amounts };
    for (const [name, amount] of Object.entries(allocatedRequests(pod))) amounts[name] = (amounts[name] ?? 0) - amount;
    return insufficient(pod, this.#node, { pods: this.#pods - 1, amounts });
  }

  /** The first address of the node's range that no pod has. Undefined when there is none left. */
  allocateIP(): string | undefined {
    for (let next = this.#addresses.next(); !next.done; next = this.#addresses.next()) if (!this.#usedIPs.has(next.value)) return next.value;
    return undefined;
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

/** A pod that has ended holds nothing; one that was not looked at yet has taken nothing. */
const isTakenIn = (pod: Pod): boolean => !isPodTerminal(pod) && pod.status?.startTime !== undefined;
