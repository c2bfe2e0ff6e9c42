import type { Pod } from '../schema/generated/kinds.ts';
import { type BoundPod, boundPodOf } from './bound-pods.ts';

/** A pod to place, with what plugins ask of it again and again. */
export interface PodInfo extends BoundPod {
  readonly pod: Pod;
  /** What it asks for, without what it asks none of: gone through for each node. */
  readonly wants: readonly (readonly [name: string, amount: number])[];
  /** All that local plugins look at, as a text: pods with the same ask for the same. */
  readonly demands: string;
}

export function podInfoOf(pod: Pod): PodInfo {
  const bound = boundPodOf(pod);
  const { nodeName, nodeSelector, affinity, tolerations } = pod.spec!;
  return {
    ...bound,
    pod,
    wants: Object.entries(bound.requests).filter(([, amount]) => amount > 0),
    demands: JSON.stringify([bound.requests, bound.scored, bound.hostPorts, nodeName, nodeSelector, affinity?.nodeAffinity, tolerations]),
  };
}
