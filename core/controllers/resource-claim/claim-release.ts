import { claimNamedBy } from '../../apis/core/pod-resource-claim-names.ts';
import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { controllerOf, type Key, keyOf } from '../../kube/object.ts';
import type { Pod, ResourceResourceClaim as ResourceClaim, ResourceClaimConsumerReference } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';
import { hasFinalizer, withoutFinalizer } from '../shared/finalizers.ts';
import { deletionOf, statusUpdate, updateTo } from '../shared/mutations.ts';

const CLAIMS = 'resourceclaims.resource.k8s.io';
/** What keeps a claim with devices from going before they are given back. */
const DELETE_PROTECTION = 'resource.kubernetes.io/delete-protection';

/**
 * Takes pods out of their claims that run no more, gives devices back when the last one has gone, and deletes what was made for a pod that has ended
 * (pkg/controller/resourceclaim, syncClaim).
 */
export const claimRelease: Controller<ResourceClaim> = {
  name: 'resource-claim-controller',
  resource: CLAIMS,
  watches: { pods: ({ type, object }) => (type === 'DELETED' || isDone(object) ? claimsOf(object) : []) },
  reconcile({ object: claim, state }) {
    if (!claim) return nothing;
    const { status = {}, metadata } = claim;
    const reservedFor = status.reservedFor ?? [];
    const remaining = reservedFor.filter((consumer) => uses(consumer, claim, state));
    const isProtected = hasFinalizer(claim, DELETE_PROTECTION);
    const isLast = remaining.length === 0 && (remaining.length < reservedFor.length || metadata.deletionTimestamp !== undefined);
    const mutations: Mutation[] = [];
    const { reservedFor: _, ...rest } = status;
    const after = isLast && isProtected ? withoutAllocation(claim) : { ...claim, status: { ...rest, ...(remaining.length > 0 && { reservedFor: remaining }) } };
    mutations.push(...statusUpdate(CLAIMS, claim, after.status ?? {}));
    if (isLast && isProtected) mutations.push(updateTo(CLAIMS, withoutFinalizer(after, DELETE_PROTECTION)));
    if (remaining.length === 0 && !metadata.deletionTimestamp && hasEnded(claim, state)) mutations.push(deletionOf(CLAIMS, claim));
    return { mutations };
  },
};

/** The claims that a pod names. */
function claimsOf(pod: Pod): Key[] {
  const { spec, status, metadata } = pod;
  const extended = status?.extendedResourceClaimStatus?.resourceClaimName;
  const names = (spec?.resourceClaims ?? []).flatMap((entry) => {
    const named = claimNamedBy(pod, entry);
    return named.type === 'named' ? [named.name] : [];
  });
  return [...names, ...(extended === undefined ? [] : [extended])].map((name) => keyOf(CLAIMS, metadata.namespace, name));
}

/** It runs no more, or never will. */
const isDone = (pod: Pod): boolean => isPodTerminal(pod) || (pod.metadata.deletionTimestamp !== undefined && !pod.spec?.nodeName);

/** What is no pod is not known here, and stays. */
function uses({ apiGroup, resource, name, uid }: ResourceClaimConsumerReference, { metadata }: ResourceClaim, state: State): boolean {
  if (apiGroup || resource !== 'pods') return true;
  const pod = state.get('pods', metadata.namespace, name);
  return pod?.metadata.uid === uid && !isDone(pod);
}

const withoutAllocation = ({ status, ...claim }: ResourceClaim): ResourceClaim => {
  const { allocation: _, reservedFor: _r, ...rest } = status ?? {};
  return { ...claim, status: rest };
};

/** Whether the pod that a claim was made for runs no more, or another one has its name. Where it has gone, the garbage collector sees to the claim. */
function hasEnded(claim: ResourceClaim, state: State): boolean {
  const owner = controllerOf(claim);
  if (owner?.kind !== 'Pod' || owner.apiVersion !== 'v1') return false;
  const pod = state.get('pods', claim.metadata.namespace, owner.name);
  return pod !== undefined && (pod.metadata.uid !== owner.uid || isDone(pod));
}
