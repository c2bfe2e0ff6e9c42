import { matchesNodeSelector } from '../../apis/core/node-match.ts';
import { claimNamedBy, isMadeFor, isReservedFor } from '../../apis/core/pod-resource-claim-names.ts';
import { creation, update } from '../../apis/mutation.ts';
import { MAX_CONSUMERS } from '../../apis/resource/claim-status.ts';
import type { Node, Pod, ResourceResourceClaim as ResourceClaim } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Plugin, type Reservation, skip, unresolvable } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import { proportional } from '../normalize.ts';
import type { PodInfo } from '../pod-info.ts';
import { allocate, type Choice, type Choices } from './allocate.ts';
import { allocationOf } from './allocation.ts';
import { type ExtendedClaim, extendedClaimFor, extendedClaimOf } from './extended-resources.ts';
import { askedBy, choicesFor } from './known-choices.ts';

/**
 * The devices that a pod claims (pkg/scheduler/framework/plugins/dynamicresources): a claim that has none gets devices where the pod goes, and the pod is written into
 * each of its claims, together with its binding. What it requests of extended resources that are devices on its node, it gets by one more claim, which is made then.
 */
export const dynamicResources: Plugin = {
  name: 'DynamicResources',
  preEnqueue: (pod, state) => {
    const claims = claimsOf(pod, state);
    return typeof claims === 'string' ? claims : undefined;
  },
  preFilter: ({ pod, ofDevices }, cluster) => {
    if (!pod.spec!.resourceClaims?.length && ofDevices.length === 0) return skip;
    const { state } = cluster;
    const claims = claimsOf(pod, state);
    if (typeof claims === 'string') return { type: 'impossible', reason: claims };
    if (claims.length === 0 && ofDevices.length === 0) return skip;
    const own = unallocated(claims);
    const reason = claims.some((claim) => isInUse(claim, pod)) ? 'resourceclaim in use' : whyImpossible(own, state);
    if (reason !== undefined) return { type: 'impossible', reason };
    const isLeftOver = ofDevices.length > 0 && extendedClaimOf(pod, state) !== undefined;
    /** What is asked for on nodes that have the same extended resources of their own. */
    const variants = new Map<string, { readonly toAllocate: readonly ResourceClaim[]; readonly asked: string }>();
    const variantFor = (resources: readonly string[]) => {
      const key = resources.join();
      let variant = variants.get(key);
      if (!variant) {
        const toAllocate = resources.length > 0 ? [...own, extendedClaimFor(pod, resources, state).claim] : own;
        variant = { toAllocate, asked: askedBy(toAllocate) };
        variants.set(key, variant);
      }
      return variant;
    };
    return {
      type: 'filter',
      filter: (info, _position, { state }) => {
        const { node } = info;
        if (claims.some((claim) => !isAvailableOn(claim, node))) return ELSEWHERE;
        if (isLeftOver) return LEFT_OVER;
        const { toAllocate, asked } = variantFor(devicesOn(info, ofDevices));
        if (toAllocate.length === 0) return undefined;
        const found = choicesFor(toAllocate, asked, { node, state });
        if (found.type === 'trouble') return { ...unresolvable(found.error), isError: true };
        return found.type === 'none' ? found.objection : undefined;
      },
    };
  },
  score: {
    weight: 2,
    normalize: proportional,
    // The earlier alternatives of requests are the better ones.
    among: (info, { state }) => {
      const claims = unallocated(claimsIn(info, state));
      if (!claims.some(hasAlternatives)) return undefined;
      const asked = askedBy(claims);
      return ({ node }) => {
        const found = choicesFor(claims, asked, { node, state });
        return found.type === 'chosen' ? scoreOf(claims, found.choices) : 0;
      };
    },
  },
  postFilter: (info, { impossible }, { cluster }) => {
    // What keeps the pod from every node is found out before its claims are noted.
    const claims = impossible === undefined ? claimsIn(info, cluster.state) : [];
    const leftOver = impossible === undefined && info.ofDevices.length > 0 ? extendedClaimOf(info.pod, cluster.state) : undefined;
    if (leftOver) return { type: 'released', reserved: removed(leftOver), reason: 'deletion of ResourceClaim completed' };
    const hasNone = claims.length === 0 && (impossible !== undefined || info.ofDevices.length === 0);
    if (hasNone) return { type: 'rejected', reason: 'no new claims to deallocate', nominated: 'kept' };
    const idle = claims.find((claim) => isIdle(claim, info.pod) && cluster.nodes.some(({ node }) => !isAvailableOn(claim, node)));
    if (!idle) return { type: 'rejected', reason: 'still not schedulable', nominated: 'kept' };
    return {
      type: 'released',
      reserved: [update('resourceclaims.resource.k8s.io', deallocated(idle), 'status') as Reservation],
      reason: 'deallocation of ResourceClaim completed',
    };
  },
  reserve: (info, on, { state }) => {
    const { node } = on;
    const claims = claimsIn(info, state);
    const resources = devicesOn(on, info.ofDevices);
    if (claims.length === 0 && resources.length === 0) return [];
    const extended = resources.length > 0 ? extendedClaimFor(info.pod, resources, state) : undefined;
    const own = unallocated(claims);
    const found = own.length > 0 || extended ? allocate(extended ? [...own, extended.claim] : own, node, state) : NO_CHOICES;
    if (found.type !== 'chosen') return [];
    const allocationFor = (claim: ResourceClaim, index: number) => allocationOf(claim, found.choices[index]!, { node: node.metadata.name, now: state.time });
    return [
      ...claims.flatMap((claim): readonly Reservation[] => {
        const index = own.indexOf(claim);
        return reserved(claim, info.pod, index === -1 ? undefined : allocationFor(claim, index));
      }),
      ...(extended ? made(extended, info.pod, allocationFor(extended.claim, own.length)) : []),
    ];
  },
};

/** The resources that are devices on a node: of what it has of its own, a device plugin gives them out. */
const devicesOn = ({ allocatable }: NodeInfo, ofDevices: readonly string[]): readonly string[] => ofDevices.filter((name) => !allocatable[name]);

const LEFT_OVER = unresolvable('cannot schedule extended resource claim');

const ELSEWHERE = unresolvable('resourceclaim not available on the node');

/** The claims of a pod; a text when one of them cannot be used. */
function claimsOf(pod: Pod, state: State): readonly ResourceClaim[] | string {
  const { namespace, name } = pod.metadata;
  const claims: ResourceClaim[] = [];
  for (const entry of pod.spec?.resourceClaims ?? []) {
    const named = claimNamedBy(pod, entry);
    if (named.type === 'awaited') return `pod "${namespace}/${name}": ResourceClaim not created yet`;
    if (named.type === 'none') continue;
    const claim = state.get('resourceclaims.resource.k8s.io', namespace, named.name);
    if (!claim) return `resourceclaim.resource.k8s.io ${JSON.stringify(named.name)} not found`;
    if (claim.metadata.deletionTimestamp) return `resourceclaim ${JSON.stringify(named.name)} is being deleted`;
    if (named.isGenerated && !isMadeFor(claim, pod)) {
      return `ResourceClaim ${namespace}/${named.name} was not created for Pod ${namespace}/${name} (Pod is not owner)`;
    }
    claims.push(claim);
  }
  return claims;
}

function claimsIn({ pod }: PodInfo, state: State): readonly ResourceClaim[] {
  if (!pod.spec!.resourceClaims?.length) return [];
  const claims = claimsOf(pod, state);
  return typeof claims === 'string' ? [] : claims;
}

const unallocated = (claims: readonly ResourceClaim[]): readonly ResourceClaim[] => claims.filter(({ status }) => !status?.allocation);

function whyImpossible(claims: readonly ResourceClaim[], state: State): string | undefined {
  for (const { spec } of claims) {
    for (const { name, exactly, firstAvailable = [] } of spec.devices?.requests ?? []) {
      const asked = exactly ? [{ request: name, ...exactly }] : firstAvailable.map((sub) => ({ request: `${name}/${sub.name}`, ...sub }));
      const missing = asked.find(({ deviceClassName }) => !state.get('deviceclasses.resource.k8s.io', undefined, deviceClassName));
      if (missing) return `request ${missing.request}: device class ${missing.deviceClassName} does not exist`;
    }
  }
  return undefined;
}

const isAvailableOn = ({ status }: ResourceClaim, node: Node): boolean =>
  !status?.allocation?.nodeSelector || matchesNodeSelector(status.allocation.nodeSelector, node);

/** As many pods have it as a claim can be reserved for. */
const isInUse = (claim: ResourceClaim, pod: Pod): boolean => (claim.status?.reservedFor?.length ?? 0) >= MAX_CONSUMERS && !isReservedFor(claim, pod);

/** Of claims that have their devices already. */
const NO_CHOICES: Choices = { type: 'chosen', choices: [] };

const hasAlternatives = ({ spec }: ResourceClaim): boolean => spec.devices?.requests?.some(({ firstAvailable }) => firstAvailable !== undefined) === true;

/** As many alternatives as a request may have. */
const MAX_ALTERNATIVES = 8;

/** What a node gets for the alternatives that it has devices for: each request counts once. */
function scoreOf(claims: readonly ResourceClaim[], choices: readonly (readonly Choice[])[]): number {
  return sum(
    claims.flatMap(({ spec }, i) =>
      (spec.devices?.requests ?? []).map(({ name, firstAvailable }) => {
        const chosen = choices[i]!.find(({ request }) => request === name)?.subRequest;
        return chosen === undefined ? 0 : MAX_ALTERNATIVES - firstAvailable!.findIndex((sub) => sub.name === chosen);
      }),
    ),
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** A claim with devices that no other pod uses. */
const isIdle = ({ status }: ResourceClaim, { metadata }: Pod): boolean =>
  status?.allocation !== undefined && (status.reservedFor ?? []).every(({ uid }) => uid === metadata.uid);

const deallocated = ({ status, ...claim }: ResourceClaim): ResourceClaim => {
  const { allocation: _, devices: _d, reservedFor: _r, ...rest } = status ?? {};
  return { ...claim, status: rest };
};

/** What keeps a claim with devices from going before they are given back. */
const DELETE_PROTECTION = 'resource.kubernetes.io/delete-protection';

type Allocation = NonNullable<NonNullable<ResourceClaim['status']>['allocation']>;

/** The claim with the pod, and the devices that it gets, if it does. Its finalizer is no part of the status. */
function reserved(claim: ResourceClaim, pod: Pod, allocation: Allocation | undefined): readonly Reservation[] {
  if (isReservedFor(claim, pod) && !allocation) return [];
  const { finalizers = [] } = claim.metadata;
  const isProtected = !allocation || finalizers.includes(DELETE_PROTECTION);
  const kept = isProtected ? claim : { ...claim, metadata: { ...claim.metadata, finalizers: [...finalizers, DELETE_PROTECTION] } };
  const consumer = { resource: 'pods', name: pod.metadata.name, uid: pod.metadata.uid! };
  const status = { ...claim.status, ...(allocation && { allocation }), reservedFor: [...(claim.status?.reservedFor ?? []), consumer] };
  const statusUpdate = (of: ResourceClaim) => update('resourceclaims.resource.k8s.io', { ...of, status }, 'status') as Reservation;
  if (isProtected) return [statusUpdate(kept)];
  // The second goes over the first, whose version it cannot know.
  const { resourceVersion: _, ...metadata } = kept.metadata;
  return [update('resourceclaims.resource.k8s.io', kept) as Reservation, statusUpdate({ ...kept, metadata })];
}

/** The claim for a pod's extended resources, with what it gets, and the pod that says which container gets what. */
function made({ claim, mappings }: ExtendedClaim, pod: Pod, allocation: Allocation): readonly Reservation[] {
  const { metadata } = claim;
  const whole = { ...claim, metadata: { ...metadata, finalizers: [DELETE_PROTECTION] } };
  const extendedResourceClaimStatus = { requestMappings: [...mappings], resourceClaimName: metadata.name };
  return [
    creation('resourceclaims.resource.k8s.io', whole) as Reservation,
    ...reserved(whole, pod, allocation),
    update('pods', { ...pod, status: { ...pod.status, extendedResourceClaimStatus } }, 'status') as Reservation,
  ];
}

/** A claim that is not needed goes at once. */
function removed(claim: ResourceClaim): readonly Reservation[] {
  const { namespace, name, uid, finalizers = [], resourceVersion: _, ...metadata } = claim.metadata;
  const left = finalizers.filter((finalizer) => finalizer !== DELETE_PROTECTION);
  const released = { ...claim, metadata: { ...metadata, name, namespace: namespace!, uid: uid!, ...(left.length > 0 && { finalizers: left }) } };
  return [
    update('resourceclaims.resource.k8s.io', released) as Reservation,
    { type: 'delete', resource: 'resourceclaims.resource.k8s.io', namespace: namespace!, name, preconditions: { uid: uid! } },
  ];
}
