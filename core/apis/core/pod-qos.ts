import { compareQuantities } from '../../kube/quantity.ts';
import type { PodSpec, ResourceRequirements } from '../../schema/generated/kinds.ts';

const counted = ['cpu', 'memory'] as const;

/** Which pods are evicted first when a node runs out (pkg/apis/core/helper/qos ComputePodQOS). `spec` is defaulted. */
export function qosClass(spec: PodSpec): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const all = spec.resources ? [spec.resources] : [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ resources }) => resources ?? {});
  if (all.every(isEmpty)) return 'BestEffort';
  return all.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}

const isSet = (quantity: string | undefined): quantity is string => quantity !== undefined && compareQuantities(quantity, '0') > 0;

const isEmpty = ({ requests = {}, limits = {} }: ResourceRequirements) => !counted.some((name) => isSet(requests[name]) || isSet(limits[name]));

const isGuaranteed = ({ requests = {}, limits = {} }: ResourceRequirements) =>
  counted.every((name) => isSet(limits[name]) && compareQuantities(requests[name] ?? limits[name], limits[name]) === 0);
