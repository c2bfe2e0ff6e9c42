import { controllerOf } from '../../kube/object.ts';
import type { Pod, PodResourceClaim, ResourceResourceClaim as ResourceClaim } from '../../schema/generated/kinds.ts';

/** A ResourceClaim of a pod (k8s.io/dynamic-resource-allocation/resourceclaim, Name). */
export type NamedClaim =
  /** It was made for the pod, or is one that several may use. */
  | { readonly type: 'named'; readonly name: string; readonly isGenerated: boolean }
  /** Its template led to none, which is as well. */
  | { readonly type: 'none' }
  /** It is to be made. */
  | { readonly type: 'awaited' };

export function claimNamedBy({ status }: Pod, { name, resourceClaimName }: PodResourceClaim): NamedClaim {
  if (resourceClaimName !== undefined) return { type: 'named', name: resourceClaimName, isGenerated: false };
  const generated = status?.resourceClaimStatuses?.find((entry) => entry.name === name);
  if (!generated) return { type: 'awaited' };
  return generated.resourceClaimName === undefined ? { type: 'none' } : { type: 'named', name: generated.resourceClaimName, isGenerated: true };
}

/** Whether a claim was made for the pod, and does not just have the name of one. */
export const isMadeFor = (claim: ResourceClaim, pod: Pod): boolean => controllerOf(claim)?.uid === pod.metadata.uid;

export const isReservedFor = ({ status }: ResourceClaim, { metadata }: Pod): boolean => status?.reservedFor?.some(({ uid }) => uid === metadata.uid) === true;
