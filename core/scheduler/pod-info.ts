import type { Pod } from '../schema/generated/kinds.ts';
import { type BoundPod, boundPodOf } from './bound-pods.ts';

/** A pod to place, with what plugins ask of it again and again. */
export interface PodInfo extends BoundPod {
  readonly pod: Pod;
  /** What it asks for, without what it asks none of: gone through for each node. */
  readonly wants: readonly (readonly [name: string, amount: number])[];
  /** Extended resources among them that a DeviceClass stands for: on a node that has none of its own they are devices (dynamic-resources/extended-resources.ts). */
  readonly ofDevices: readonly string[];
  /** All that local plugins look at, as a text: pods with the same ask for the same. */
  readonly demands: string;
}

export function podInfoOf(pod: Pod, ofDevices: readonly string[] = []): PodInfo {
  const bound = boundPodOf(pod);
  const { nodeName, nodeSelector, affinity, tolerations } = pod.spec!;
  return {
    ...bound,
    pod,
    wants: Object.entries(bound.requests).filter(([, amount]) => amount > 0),
    ofDevices,
    demands: JSON.stringify([bound.requests, ofDevices, bound.scored, bound.hostPorts, nodeName, nodeSelector, affinity?.nodeAffinity, tolerations]),
  };
}
