import { isExclusive } from './exclusive-volumes.ts';
import type { PodInfo } from './pod-info.ts';

/** All that the place of a pod can depend on, but for what is its own, as a text. */
export function demandsOf({ pod, kind: { namespace, labels }, demands }: PodInfo): string {
  const { affinity, topologySpreadConstraints, priority, preemptionPolicy, schedulerName } = pod.spec!;
  return JSON.stringify([demands, namespace, labels, affinity, topologySpreadConstraints, priority, preemptionPolicy, schedulerName]);
}

/** Claims and disks are each pod's own, and so is the node that it is nominated for. */
export const isItsOwn = ({ pod: { spec, status }, claims }: PodInfo): boolean =>
  claims.length > 0 || spec!.resourceClaims !== undefined || spec!.volumes?.some(isExclusive) === true || status?.nominatedNodeName !== undefined;
