import type { ClusterInfo, Plugin, PluginObjection, Score } from './framework.ts';
import { LeastRecentlyUsed } from './least-recently-used.ts';
import { NodeFollower } from './node-follower.ts';
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
  readonly #follower = new NodeFollower();
  /** What was found, by number: equal objections are one. */
  readonly #objections: (PluginObjection | undefined)[] = [undefined, undefined];
  readonly #numbers = new Map<string, number>();
  /** By the place of a node: the number of what was found, whether it was scored, and its scores. Numbers side by side: hundreds are looked at for each pod. */
  #found = new Uint16Array(0);
  #isScored = new Uint8Array(0);
  #sums = new Float64Array(0);
  #raw: readonly Float64Array[] = [];
  /** Which of the columns have a score other than 0. */
  #differs: boolean[] = [];

  constructor(pod: PodInfo, plugins: readonly Plugin[]) {
    this.#pod = pod;
    const scores = plugins.flatMap(({ local, score }) => (local && score?.of && score.concerns?.(pod) !== false ? [{ ...score, of: score.of }] : []));
    this.#plain = scores.filter(({ normalize }) => !normalize);
    this.#normalized = scores.filter(({ normalize }) => normalize);
  }

  /** Brings it to the nodes of a cluster. Where more or fewer of them are than before, each is looked at again. */
  for(cluster: ClusterInfo): this {
    const { length } = cluster.nodes;
    if (this.#found.length !== length) {
      this.#found = new Uint16Array(length);
      this.#isScored = new Uint8Array(length);
      this.#sums = new Float64Array(length);
      this.#raw = this.#normalized.map(() => new Float64Array(length));
      this.#differs = this.#normalized.map(() => false);
    }
    this.#follower.follow(cluster, (position) => {
      this.#found[position] = UNKNOWN;
      this.#isScored[position] = 0;
    });
    return this;
  }

  /** The first objection to a node in the list; undefined: there is none. `filters`: those that are asked, of the local plugins for a pod that asks for the same. */
  objectionTo(position: number, filters: readonly NamedFilter[], cluster: ClusterInfo): PluginObjection | undefined {
    const found = this.#found[position]!;
    if (found !== UNKNOWN) return this.#objections[found];
    const objection = firstObjection(filters, position, cluster);
    const number = objection ? this.#numberOf(objection) : NONE;
    this.#found[position] = number;
    return number === UNKNOWN ? objection : this.#objections[number];
  }

  #numberOf(objection: PluginObjection): number {
    const text = JSON.stringify(objection);
    let number = this.#numbers.get(text);
    if (number === undefined) {
      // More than can be told apart: what is found then is looked for again.
      if (this.#objections.length === MOST_OBJECTIONS) return UNKNOWN;
      number = this.#objections.push(objection) - 1;
      this.#numbers.set(text, number);
    }
    return number;
  }

  /** Adds the scores of some nodes to their sums, each with its weight. */
  addScores(sums: Float64Array, positions: readonly number[], { nodes }: ClusterInfo): void {
    for (let i = 0; i < positions.length; i++) {
      const position = positions[i]!;
      if (this.#isScored[position] === 0) this.#score(nodes[position]!, position);
      sums[i]! += this.#sums[position]!;
    }
    for (let k = 0; k < this.#normalized.length; k++) {
      const { weight, normalize } = this.#normalized[k]!;
      const scores = this.#differs[k] ? picked(this.#raw[k]!, positions) : NOTHING.slice();
      if (this.#differs[k]) addNormalized(sums, scores, { weight, normalize });
      else {
        // Where all score nothing, all get the same of it.
        normalize!(scores);
        const same = weight * scores[0]!;
        if (same !== 0) for (let i = 0; i < sums.length; i++) sums[i]! += same;
      }
    }
  }

  #score(node: NodeInfo, position: number): void {
    let sum = 0;
    for (const { weight, of } of this.#plain) sum += weight * of(this.#pod, node);
    for (let k = 0; k < this.#normalized.length; k++) {
      const score = this.#normalized[k]!.of(this.#pod, node);
      this.#raw[k]![position] = score;
      if (score !== 0) this.#differs[k] = true;
    }
    this.#isScored[position] = 1;
    this.#sums[position] = sum;
  }

  get bytes(): number {
    return (19 + 8 * this.#raw.length) * this.#found.length;
  }
}

/** What is found of a node that has not been looked at, and of one that nothing is against. */
const UNKNOWN = 0;
const NONE = 1;
const MOST_OBJECTIONS = 2 ** 16;
const NOTHING = new Float64Array(1);

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
