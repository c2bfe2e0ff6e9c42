import { claimsOf } from '../apis/core/pod-claims.ts';
import { type Amounts, amountsOf } from '../apis/core/pod-requests.ts';
import type { Node, Pod } from '../schema/generated/kinds.ts';
import { type BoundPod, BoundPods, boundPodOf } from './bound-pods.ts';
import type { PodInfo } from './framework.ts';

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
}

export function podInfoOf(pod: Pod): PodInfo {
  const bound = boundPodOf(pod);
  return { ...bound, pod, wants: Object.entries(bound.requests).filter(([, amount]) => amount > 0), claims: claimsOf(pod) };
}

/** A pod that has ended holds nothing of its node any more. */
export const isFinished = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';
