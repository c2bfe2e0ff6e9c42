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

  /** Finds the victims for a pod on a node, unless that has been done. */
  for(info: PodInfo): (node: NodeInfo, find: () => FoundVictims) => FoundVictims {
    // What a pod asks for of other nodes' pods is not known from its node.
    if (isItsOwn(info) || info.pod.spec!.affinity || info.pod.spec!.topologySpreadConstraints) return (_node, find) => find();
    const demands = demandsOf(info);
    const known = this.#known.get(demands) ?? new Map<string, FoundVictims>();
    this.#known.set(demands, known);
    return ({ name }, find) => {
      const before = known.get(name);
      if (before) return before;
      const found = find();
      known.set(name, found);
      return found;
    };
  }

  forget(node?: string): void {
    if (this.#known.size === 0) return;
    if (node === undefined) this.#known.clear();
    else for (const ofNodes of this.#known.values()) ofNodes.delete(node);
  }
}
