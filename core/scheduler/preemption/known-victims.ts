import { demandsOf, isItsOwn } from '../demands.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import type { FoundVictims } from './found-victims.ts';

/**
 * Which pods would have to go from which nodes, for pods that ask for the same: thousands of them (a Deployment of a higher priority) look at a node once. It holds for a
 * pass, as long as no pod is placed; a nomination makes it void for its node, and for all where it takes something of a budget.
 */
export class KnownVictims {
  readonly #known = new Map<string, Map<string, FoundVictims>>();

  of(info: PodInfo, node: NodeInfo, find: () => FoundVictims): FoundVictims {
    // What a pod asks for of other nodes' pods is not known from its node.
    if (isItsOwn(info) || info.pod.spec!.affinity || info.pod.spec!.topologySpreadConstraints) return find();
    const demands = demandsOf(info);
    let ofNodes = this.#known.get(demands);
    if (!ofNodes) {
      ofNodes = new Map();
      this.#known.set(demands, ofNodes);
    }
    let found = ofNodes.get(node.name);
    if (!found) {
      found = find();
      ofNodes.set(node.name, found);
    }
    return found;
  }

  forget(node?: string): void {
    if (node === undefined) this.#known.clear();
    else for (const ofNodes of this.#known.values()) ofNodes.delete(node);
  }
}
