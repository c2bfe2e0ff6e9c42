import type { ClusterInfo } from './framework.ts';
import type { NodeInfo } from './node-info.ts';

/**
 * Follows the nodes of a cluster from one placement, and one pass, to the next: which of them are not what they were when it was asked last. NodeInfos are values, so
 * that those of another pass, a draft or a what-if are told apart by their identity, and a pass costs a comparison per node. Into a what-if it follows them, and back.
 */
export class NodeFollower {
  readonly #seen: NodeInfo[] = [];
  #log: readonly number[] | undefined;
  #read = 0;

  /** Tells of each place in the list at which there is another NodeInfo now, or none any more. */
  follow({ nodes, changed, followers }: ClusterInfo, replaced: Replaced): void {
    followers?.push((cluster) => this.follow(cluster, replaced));
    if (changed !== this.#log) {
      for (let i = Math.max(nodes.length, this.#seen.length) - 1; i >= 0; i--) this.#look(i, nodes, replaced);
      this.#seen.length = nodes.length;
      this.#log = changed;
      this.#read = changed.length;
    }
    for (; this.#read < changed.length; this.#read++) this.#look(changed[this.#read]!, nodes, replaced);
  }

  #look(position: number, nodes: readonly NodeInfo[], replaced: Replaced): void {
    const before = this.#seen[position];
    const after = nodes[position];
    if (before === after) return;
    if (after) this.#seen[position] = after;
    replaced(position, after, before);
  }
}

type Replaced = (position: number, after: NodeInfo | undefined, before: NodeInfo | undefined) => void;
