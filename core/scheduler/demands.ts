import type { PodInfo } from './pod-info.ts';

/** All that the place of a pod can depend on, but for what is its own. */
export function demandsOf({ pod, requests, hostPorts }: PodInfo): string {
  const { nodeSelector, affinity, tolerations, topologySpreadConstraints, priority, preemptionPolicy, schedulerName } = pod.spec!;
  const { namespace, labels } = pod.metadata;
  const wanted = [requests, hostPorts, nodeSelector, affinity, tolerations, topologySpreadConstraints];
  return JSON.stringify([namespace, labels, ...wanted, priority, preemptionPolicy, schedulerName]);
}

/** Claims are each pod's own, and so is the node that it is nominated for. */
export const isItsOwn = ({ pod, claims }: PodInfo): boolean =>
  claims.length > 0 || pod.spec!.resourceClaims !== undefined || pod.status?.nominatedNodeName !== undefined;
