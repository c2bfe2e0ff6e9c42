import type { ClusterInfo, Objection, Plugin } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

/**
 * What local plugins say of each node for pods that ask for the same (pod-info.ts, `demands`). A verdict is good for as long as the node is the same value: after a
 * placement one node is looked at again.
 */
export class NodeVerdicts {
  readonly #pod: PodInfo;
  readonly #filters: readonly NonNullable<Plugin['filter']>[];
  /** Those whose scores are added up as they are, and those that are first held against the scores of other nodes. */
  readonly #plain: readonly LocalScore[];
  readonly #normalized: readonly LocalScore[];
  readonly #filtered: NodeInfo[] = [];
  readonly #objections: (Objection | undefined)[] = [];
  readonly #scored: NodeInfo[] = [];
  readonly #sums: number[] = [];
  readonly #raw: number[][];

  constructor(pod: PodInfo, { filtering, scoring }: { readonly filtering: readonly Plugin[]; readonly scoring: readonly Plugin[] }) {
    this.#pod = pod;
    this.#filters = filtering.flatMap(({ filter }) => filter ?? []);
    const scores = scoring.flatMap(({ score }) => (score?.of && score.concerns?.(pod) !== false ? [{ ...score, of: score.of }] : []));
    this.#plain = scores.filter(({ normalize }) => !normalize);
    this.#normalized = scores.filter(({ normalize }) => normalize);
    this.#raw = this.#normalized.map(() => []);
  }

  /** The first objection to a node; undefined: none of these plugins has any. */
  objectionTo(node: NodeInfo, position: number, cluster: ClusterInfo): Objection | undefined {
    if (this.#filtered[position] === node) return this.#objections[position];
    let objection: Objection | undefined;
    for (const filter of this.#filters) {
      objection = filter(this.#pod, node, cluster);
      if (objection) break;
    }
    // A what-if is not in the list.
    if (cluster.nodes[position] !== node) return objection;
    this.#filtered[position] = node;
    this.#objections[position] = objection;
    return objection;
  }

  /** Adds the scores of some nodes to their sums, each with its weight. */
  addScores(sums: Float64Array, positions: readonly number[], { nodes }: ClusterInfo): void {
    for (let i = 0; i < positions.length; i++) {
      const position = positions[i]!;
      const node = nodes[position]!;
      if (this.#scored[position] !== node) this.#score(node, position);
      sums[i]! += this.#sums[position]!;
    }
    for (let k = 0; k < this.#normalized.length; k++) {
      const raw = this.#raw[k]!;
      const { weight, normalize } = this.#normalized[k]!;
      const scores = Float64Array.from(positions, (position) => raw[position]!);
      normalize!(scores);
      for (let i = 0; i < scores.length; i++) sums[i]! += weight * scores[i]!;
    }
  }

  #score(node: NodeInfo, position: number): void {
    let sum = 0;
    for (const { weight, of } of this.#plain) sum += weight * of(this.#pod, node);
    for (let k = 0; k < this.#normalized.length; k++) this.#raw[k]![position] = this.#normalized[k]!.of(this.#pod, node);
    this.#scored[position] = node;
    this.#sums[position] = sum;
  }

  get bytes(): number {
    return (32 + 8 * this.#raw.length) * this.#filtered.length;
  }
}

type LocalScore = NonNullable<Plugin['score']> & { readonly of: NonNullable<NonNullable<Plugin['score']>['of']> };
