import type { Key } from '../kube/object.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import { assume } from '../state/evolve.ts';
import type { State } from '../state/state.ts';
import { replaceNode } from './cluster-info.ts';
import type { ClusterInfo } from './framework.ts';
import type { Kept } from './kept.ts';
import type { NodeInfo } from './node-info.ts';
import { positionOf } from './node-infos.ts';
import { podKey } from './nominations.ts';
import { podInfoOf } from './pod-info.ts';

/** Some pods of one node are not there, or some more are. */
export interface Supposition {
  readonly without?: readonly Pod[];
  readonly and?: readonly Pod[];
}

/**
 * Asks something of a cluster in which some pods of a node are not there, or some more are. For as long, the node that it would be stands in the list: what is kept of the
 * nodes (node-follower.ts) looks at that one alone, and at the node as it is when the what-if is over.
 */
export function inWhatIf<T>(cluster: ClusterInfo, node: NodeInfo, supposition: Supposition, ask: (whatIf: ClusterInfo, node: NodeInfo) => T): T {
  const { without = [], and = [] } = supposition;
  const left = without.length > 0 ? node.without(without.map(podKey)) : node;
  const supposed = and.reduce((on, pod) => on.plus(podInfoOf(pod)), left);
  const position = positionOf(node.name, cluster.nodes);
  const whatIf = new WhatIf(cluster, node.name, supposition);
  replaceNode(cluster, position, supposed);
  try {
    return ask(whatIf, supposed);
  } finally {
    replaceNode(cluster, position, node);
    for (const follow of whatIf.followers) follow(cluster);
  }
}

/** Its state is worked out when it is asked for: most plugins look at the nodes alone. */
class WhatIf implements ClusterInfo {
  readonly nodes: NodeInfo[];
  readonly changed: number[];
  readonly kept: Kept;
  readonly followers: ((cluster: ClusterInfo) => void)[] = [];
  readonly #cluster: ClusterInfo;
  readonly #node: string;
  readonly #supposition: Supposition;
  #state: State | undefined;

  constructor(cluster: ClusterInfo, node: string, supposition: Supposition) {
    this.nodes = cluster.nodes;
    this.changed = cluster.changed;
    this.kept = cluster.kept;
    this.#cluster = cluster;
    this.#node = node;
    this.#supposition = supposition;
  }

  get state(): State {
    this.#state ??= this.#supposed();
    return this.#state;
  }

  #supposed(): State {
    const { without = [], and = [] } = this.#supposition;
    const left = without.reduce((state, pod) => assume(state, podKey(pod), undefined), this.#cluster.state);
    const bound = and.map((pod): [Key, Pod] => [podKey(pod), { ...pod, spec: { ...pod.spec!, nodeName: this.#node } }]);
    return bound.reduce((state, [key, pod]) => assume(state, key, pod), left);
  }
}
