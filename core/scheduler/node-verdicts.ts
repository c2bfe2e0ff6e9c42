import type { ClusterInfo, Plugin, PluginObjection, Score } from './framework.ts';
import { LeastRecentlyUsed } from './least-recently-used.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import { firstObjection, type NamedFilter } from './pre-filter.ts';

/**
 * What local plugins say of each node for pods that ask for the same (pod-info.ts, `demands`). A verdict is good for as long as the node is the same value: after a
 * placement one node is looked at again.
 */
export class NodeVerdicts {
  readonly #pod: PodInfo;
  /** Those whose scores are added up as they are, and those that are first held against the scores of other nodes. */
  readonly #plain: readonly LocalScore[];
  readonly #normalized: readonly LocalScore[];
  /** By the place of a node: what it was when it was looked at, and what was found. As long as the list: an array with holes is slow. */
  #filtered: (NodeInfo | undefined)[] = [];
  #objections: (PluginObjection | undefined)[] = [];
  #scored: (NodeInfo | undefined)[] = [];
  #sums = new Float64Array(0);
  #raw: readonly Float64Array[] = [];

  constructor(pod: PodInfo, plugins: readonly Plugin[]) {
    this.#pod = pod;
    const scores = plugins.flatMap(({ local, score }) => (local && score?.of && score.concerns?.(pod) !== false ? [{ ...score, of: score.of }] : []));
    this.#plain = scores.filter(({ normalize }) => !normalize);
    this.#normalized = scores.filter(({ normalize }) => normalize);
  }

  /** Makes room for all nodes of a cluster. Where more or fewer of them are than before, each is looked at again. */
  for({ nodes: { length } }: ClusterInfo): this {
    if (this.#filtered.length === length) return this;
    const nothing = () => new Array<undefined>(length).fill(undefined);
    this.#filtered = nothing();
    this.#objections = nothing();
    this.#scored = nothing();
    this.#sums = new Float64Array(length);
    this.#raw = this.#normalized.map(() => new Float64Array(length));
    return this;
  }

  /** The first objection to a node in the list; undefined: there is none. `filters`: those that are asked, of the local plugins for a pod that asks for the same. */
  objectionTo(position: number, filters: readonly NamedFilter[], cluster: ClusterInfo): PluginObjection | undefined {
    const node = cluster.nodes[position]!;
    if (this.#filtered[position] === node) return this.#objections[position];
    const objection = firstObjection(filters, position, cluster);
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
      const { weight, normalize } = this.#normalized[k]!;
      addNormalized(sums, picked(this.#raw[k]!, positions), { weight, normalize });
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

/** What the plugins of a profile say of the nodes of a cluster for pods that ask for the same as one. */
export const verdictsFor = (pod: PodInfo, { cluster, plugins }: { cluster: ClusterInfo; plugins: readonly Plugin[] }): NodeVerdicts =>
  cluster.kept
    .of(KeptVerdicts)
    .of(plugins)
    .get(pod.demands, () => new NodeVerdicts(pod, plugins))
    .for(cluster);

class KeptVerdicts {
  readonly #ofProfiles = new WeakMap<readonly Plugin[], LeastRecentlyUsed<NodeVerdicts>>();

  /** Of the plugins of one profile, by what pods ask for. */
  of(plugins: readonly Plugin[]): LeastRecentlyUsed<NodeVerdicts> {
    let verdicts = this.#ofProfiles.get(plugins);
    if (!verdicts) {
      verdicts = new LeastRecentlyUsed(24 * 1024 * 1024);
      this.#ofProfiles.set(plugins, verdicts);
    }
    return verdicts;
  }
}

function picked(values: Float64Array, positions: readonly number[]): Float64Array {
  const out = new Float64Array(positions.length);
  for (let i = 0; i < out.length; i++) out[i] = values[positions[i]!]!;
  return out;
}

/** Adds what a plugin gave to each of some nodes, as far as it goes beside what it gave to the others. */
export function addNormalized(sums: Float64Array, scores: Float64Array, { weight, normalize }: Pick<Score, 'weight' | 'normalize'>): void {
  normalize?.(scores);
  for (let i = 0; i < scores.length; i++) sums[i]! += weight * scores[i]!;
}

type LocalScore = Score & { readonly of: NonNullable<Score['of']> };
