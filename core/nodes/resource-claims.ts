import { claimNamedBy, isMadeFor, isReservedFor } from '../apis/core/pod-resource-claim-names.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';

/** What keeps a pod from its devices, as the kubelet's FailedPrepareDynamicResources Events say it: its containers wait for them (pkg/kubelet/cm/dra, prepareResources). */
export function unprepared(pod: Pod, state: State): string | undefined {
  const problem = problemOf(pod, state);
  return problem && `Failed to prepare dynamic resources: prepare dynamic resources: ${problem}`;
}

function problemOf(pod: Pod, state: State): string | undefined {
  const { namespace, name, uid } = pod.metadata;
  const extended = pod.status?.extendedResourceClaimStatus;
  for (const entry of [...(pod.spec?.resourceClaims ?? []), ...(extended ? [{ name: '', resourceClaimName: extended.resourceClaimName }] : [])]) {
    const named = claimNamedBy(pod, entry);
    if (named.type === 'none') continue;
    if (named.type === 'awaited') return `pod "${namespace}/${name}": ResourceClaim not created yet`;
    const claim = state.get('resourceclaims.resource.k8s.io', namespace, named.name);
    if (!claim) return `fetch ResourceClaim ${named.name}: resourceclaims.resource.k8s.io "${named.name}" not found`;
    if (named.isGenerated && !isMadeFor(claim, pod)) {
      return `ResourceClaim ${namespace}/${named.name} was not created for Pod ${namespace}/${name} (Pod is not owner)`;
    }
    if (!isReservedFor(claim, pod)) return `pod ${name} (${uid}) is not allowed to use ResourceClaim ${named.name} (${claim.metadata.uid})`;
  }
  return undefined;
}
