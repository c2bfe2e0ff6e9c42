import type { NodeInfo } from './node-info.ts';

/** The nodes of a cluster as placements see them. */
export interface FollowedNodes {
  /** In the order of their names, with the pods placed so far. */
  readonly nodes: readonly NodeInfo[];
  /** The places in the list of those that were replaced since, in turn; another list: any may have been. */
  readonly changed: readonly number[];
  /** In a what-if: what has followed the nodes there, to follow them back when that is over. */
  readonly followers?: ((nodes: FollowedNodes) => void)[];
}

/**
 * Follows the nodes of a cluster from one placement, and one pass, to the next: which of them are not what they were when it was asked last. NodeInfos are values, so
 * that those of another pass, a draft or a what-if are told apart by their identity, and a pass costs a comparison per node. Into a what-if it follows them, and back.
 */
export class NodeFollower {
  readonly #seen: NodeInfo[] = [];
  #log: readonly number[] | undefined;
  #read = 0;

  /** Tells of each place in the list at which there is another NodeInfo now, or none any more. */
  follow({ nodes, changed, followers }: FollowedNodes, replaced: Replaced): void {
    followers?.push((back) => this.follow(back, replaced));
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
