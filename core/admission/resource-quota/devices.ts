import type { DeviceSubRequest, Pod } from '../../schema/generated/kinds.ts';
import type { KindOf } from '../../schema/kind-of.ts';
import type { State } from '../../state/state.ts';
import { type Amount, type Amounts, minus, NOTHING, ONE, plus, times } from './amounts.ts';
import { countOf, type Evaluator } from './evaluator.ts';
import { isExtendedRequest, pods } from './pods.ts';
import { noScopes } from './scopes.ts';

/** Claims to devices: how many there are, and of which classes (pkg/quota/v1/evaluator/core/resource_claims.go). */
export const deviceClaims: Evaluator<ResourceClaim> = {
  resource: 'resourceclaims.resource.k8s.io',
  kind: 'ResourceClaim',
  counts(name, state) {
    if (name === COUNT || name.endsWith(OF_CLASS)) return true;
    if (name.startsWith(IMPLICIT) && extendedResourceOf(name.slice(IMPLICIT.length), state) !== undefined) return true;
    return isExtendedRequest(name) && isOfDevices(name.slice('requests.'.length), state);
  },
  handles: ({ subresource }) => subresource === undefined,
  scopesOf: () => noScopes,
  usageOf(claim, state): Amounts {
    const devices = devicesOf(claim);
    const usage = new Map<string, Amount>([[COUNT, ONE]]);
    for (const [deviceClass, amount] of devices) usage.set(deviceClass + OF_CLASS, amount);
    // What a pod asks for as an extended resource is counted with the pod already.
    const ofPod = devices.size > 0 ? podUsage(claim, state) : undefined;
    for (const [deviceClass, amount] of devices) {
      const extended = extendedResourceOf(deviceClass, state);
      for (const name of [IMPLICIT + deviceClass, ...(extended === undefined ? [] : [`requests.${extended}`])]) {
        const more = minus(amount, ofPod?.get(name) ?? NOTHING);
        if (more.nanos > 0n) usage.set(name, more);
      }
    }
    return usage;
  },
};

type ResourceClaim = KindOf<'resourceclaims.resource.k8s.io'>;

const COUNT = countOf('resourceclaims.resource.k8s.io');
const OF_CLASS = '.deviceclass.resource.k8s.io/devices';
const DEVICE_CLASS = 'deviceclass.resource.kubernetes.io/';
const IMPLICIT = `requests.${DEVICE_CLASS}`;
const CLASSES = 'deviceclasses.resource.k8s.io';
/** How many devices a claim for all there are may get (AllocationResultsMaxSize). */
const MOST_DEVICES = 32;

const extendedResourceOf = (deviceClass: string, state: State): string | undefined => state.get(CLASSES, undefined, deviceClass)?.spec.extendedResourceName;

const isOfDevices = (extended: string, state: State): boolean =>
  extended.startsWith(DEVICE_CLASS)
    ? state.get(CLASSES, undefined, extended.slice(DEVICE_CLASS.length)) !== undefined
    : state.list(CLASSES).some(({ spec }) => spec.extendedResourceName === extended);

/** How many of each class a claim may get; of alternatives, the most that any of them takes. */
function devicesOf({ spec }: ResourceClaim): Map<string, Amount> {
  const total = new Map<string, Amount>();
  for (const { exactly, firstAvailable = [] } of spec.devices?.requests ?? []) {
    const most = new Map<string, number>();
    for (const { deviceClassName, ...request } of firstAvailable.length > 0 ? firstAvailable : exactly ? [exactly] : []) {
      most.set(deviceClassName, Math.max(most.get(deviceClassName) ?? 0, countIn(request)));
    }
    for (const [deviceClass, count] of most) total.set(deviceClass, plus(total.get(deviceClass) ?? NOTHING, times(count)));
  }
  return total;
}

function countIn({ allocationMode, count = 0 }: Pick<DeviceSubRequest, 'allocationMode' | 'count'>): number {
  if (allocationMode === 'All') return MOST_DEVICES;
  return allocationMode === 'ExactCount' ? count : 0;
}

/** What the pod takes for which the scheduler has made the claim, if it is its one claim of that sort (getVerifiedPodUsage). */
function podUsage({ metadata }: ResourceClaim, state: State): Amounts | undefined {
  if (metadata.annotations?.['resource.kubernetes.io/extended-resource-claim'] !== 'true') return undefined;
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (owner?.kind !== 'Pod' || owner.apiVersion !== 'v1') return undefined;
  const pod = state.get('pods', metadata.namespace, owner.name);
  return pod && pod.metadata.uid === owner.uid && isClaimOf(pod, metadata, state) ? pods.usageOf(pod) : undefined;
}

function isClaimOf({ metadata: { uid }, status }: Pod, { name, creationTimestamp = '' }: ResourceClaim['metadata'], state: State): boolean {
  const known = status?.extendedResourceClaimStatus?.resourceClaimName;
  if (known !== undefined) return known === name;
  return !state.by('owner', uid!).some(({ kind, metadata }) => {
    const other = metadata.creationTimestamp ?? '';
    return kind === 'ResourceClaim' && (other < creationTimestamp || (other === creationTimestamp && metadata.name < name));
  });
}
