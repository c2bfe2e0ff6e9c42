import { type Amounts, amountsOf } from '../apis/core/pod-requests.ts';
import type { Key } from '../kube/object.ts';
import type { Node } from '../schema/generated/kinds.ts';
import { type BoundPod, BoundPods } from './bound-pods.ts';

/** A node with the pods on it, summed up: what kube-scheduler's NodeInfo keeps. A value: it never changes. */
export class NodeInfo {
  readonly node: Node;
  readonly name: string;
  readonly allocatable: Amounts;
  readonly bound: BoundPods;

  private constructor(node: Node, bound: BoundPods, allocatable: Amounts) {
    this.node = node;
    this.name = node.metadata.name;
    this.bound = bound;
    this.allocatable = allocatable;
  }

  /** `before`: what was known of the node, to share what is the same. */
  static of(node: Node, bound: BoundPods = BoundPods.none, before?: NodeInfo): NodeInfo {
    const { allocatable } = node.status ?? {};
    return new NodeInfo(node, bound, before && before.node.status?.allocatable === allocatable ? before.allocatable : amountsOf(allocatable));
  }

  plus(pod: BoundPod): NodeInfo {
    return new NodeInfo(this.node, this.bound.plus([pod]), this.allocatable);
  }

  /** As it would be if some pods were not there. */
  without(pods: Iterable<Key>): NodeInfo {
    return new NodeInfo(this.node, this.bound.replacing(new Map([...pods].map((key) => [key, undefined]))), this.allocatable);
  }
}
