import type { Key } from '../kube/object.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import { assume } from '../state/evolve.ts';
import type { State } from '../state/state.ts';
import type { ClusterInfo } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import { positionOf } from './node-infos.ts';
import { podKey } from './nominations.ts';
import { podInfoOf } from './pod-info.ts';

/**
 * A cluster in which some pods of one node are not there, or some more are. What is asked of it is worked out when it is asked for: most plugins look at the node
 * alone.
 */
export class WhatIf implements ClusterInfo {
  readonly node: NodeInfo;
  readonly #cluster: ClusterInfo;
  readonly #without: readonly Pod[];
  readonly #with: readonly Pod[];
  #state: State | undefined;
  #nodes: NodeInfo[] | undefined;

  constructor(cluster: ClusterInfo, node: NodeInfo, { without = [], and = [] }: { without?: readonly Pod[]; and?: readonly Pod[] }) {
    this.#cluster = cluster;
    this.#without = without;
    this.#with = and;
    const left = without.length > 0 ? node.without(without.map(podKey)) : node;
    this.node = and.reduce((on, pod) => on.plus(podInfoOf(pod)), left);
  }

  get state(): State {
    this.#state ??= this.#assumed();
    return this.#state;
  }

  get nodes(): NodeInfo[] {
    this.#nodes ??= this.#cluster.nodes.with(positionOf(this.node.name, this.#cluster.nodes), this.node);
    return this.#nodes;
  }

  #assumed(): State {
    const bound = this.#with.map((pod): [Key, Pod] => [podKey(pod), { ...pod, spec: { ...pod.spec!, nodeName: this.node.name } }]);
    const left = this.#without.reduce((state, pod) => assume(state, podKey(pod), undefined), this.#cluster.state);
    return bound.reduce((state, [key, pod]) => assume(state, key, pod), left);
  }
}
