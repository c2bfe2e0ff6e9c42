import { createHash } from 'node:crypto';
import { podRequests } from '../../apis/core/pod-requests.ts';
import { isExtendedResourceName } from '../../apis/core/resource-requirements.ts';
import { idsFrom } from '../../env.ts';
import { value } from '../../kube/quantity.ts';
import type {
  Container,
  ContainerExtendedResourceRequest,
  DeviceClass,
  DeviceRequest,
  Pod,
  ResourceResourceClaim as ResourceClaim,
} from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { compareText } from '../../state/tree.ts';

/** What tells a claim that stands for a pod's extended resources from others. */
const OF_EXTENDED_RESOURCES = 'resource.kubernetes.io/extended-resource-claim';

/** The resources that a pod requests and a DeviceClass stands for: where a node has none of its own, they are devices that are claimed for the pod (extendeddynamicresources.go). */
export function resourcesOfDevices(pod: Pod, state: State): readonly string[] {
  let names: string[] | undefined;
  for (const [name, amount] of Object.entries(podRequests(pod))) {
    if (amount > 0 && canBeDevices(name) && classFor(name, state)) names = [...(names ?? []), name];
  }
  return names ?? NONE;
}

const NONE: readonly string[] = [];

/** By its name alone (IsDRAExtendedResourceName). */
export const canBeDevices = (name: string): boolean => name.startsWith(IMPLICIT) || isExtendedResourceName(name);

/** Each class stands for a resource of this name, besides the one that it names. */
const IMPLICIT = 'deviceclass.resource.kubernetes.io/';

/** Of several classes for one resource, the newest. */
function classFor(resource: string, state: State): DeviceClass | undefined {
  const [first, ...others] = state.by(classesByResource, resource);
  return others.reduce(
    (best, other) => (compareText(other.metadata.creationTimestamp ?? '', best!.metadata.creationTimestamp ?? '') > 0 ? other : best),
    first,
  );
}

const classesByResource = index(['deviceclasses.resource.k8s.io'], (_key, { metadata, spec }) => [
  `${IMPLICIT}${metadata.name}`,
  ...(spec.extendedResourceName === undefined ? [] : [spec.extendedResourceName]),
]);

export interface ExtendedClaim {
  readonly claim: ResourceClaim;
  /** Which of its requests each container gets for each resource. */
  readonly mappings: readonly ContainerExtendedResourceRequest[];
}

/** The claim that a pod gets for some of its resources. */
export function extendedClaimFor(pod: Pod, resources: readonly string[], state: State): ExtendedClaim {
  const { name, namespace, uid } = pod.metadata;
  const asked = resources.toSorted(compareText).map((resource) => requestsFor(pod, resource, classFor(resource, state)!));
  const generateName = `${name}-extended-resources-`;
  return {
    claim: {
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceClaim',
      metadata: {
        generateName,
        name: `${generateName.slice(0, LONGEST_BASE)}${suffixOf(uid!)}`,
        namespace: namespace!,
        annotations: { [OF_EXTENDED_RESOURCES]: 'true' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid: uid!, controller: true }],
      },
      spec: { devices: { requests: asked.flatMap(({ requests }) => requests).sort((a, b) => compareText(a.name, b.name)) } },
    },
    mappings: asked.flatMap(({ mappings }) => mappings),
  };
}

/** The claim that was made for the extended resources of a pod before, if it did not get its node after all. */
export const extendedClaimOf = (pod: Pod, state: State): ResourceClaim | undefined =>
  (state.by('owner', pod.metadata.uid!) as readonly ResourceClaim[]).find(
    ({ kind, metadata }) =>
      kind === 'ResourceClaim' &&
      metadata.annotations?.[OF_EXTENDED_RESOURCES] === 'true' &&
      metadata.ownerReferences?.some((owner) => owner.controller && owner.name === pod.metadata.name && owner.uid === pod.metadata.uid),
  );

/** As names are generated: of what goes before, as much as leaves room for five letters in 63. */
const LONGEST_BASE = 58;

/** One that follows from whom the claim is for: what is written of it along with its creation names it. */
function suffixOf(uid: string): string {
  const bytes = createHash('sha256').update(uid).digest().values();
  return idsFrom({ next: () => bytes.next().value! / 256 }).suffix();
}

interface Asked {
  readonly requests: readonly DeviceRequest[];
  readonly mappings: readonly ContainerExtendedResourceRequest[];
}

/**
 * Containers that run side by side have a request each. Containers that initialize the pod use what those after them will have, and share one request for what they need
 * beyond it.
 */
function requestsFor({ spec }: Pod, resource: string, { metadata: { name: deviceClassName } }: DeviceClass): Asked {
  const initializing = spec!.initContainers ?? [];
  const containers = [...initializing, ...spec!.containers].map((container, i): Place => {
    const amount = value(container.resources?.requests?.[resource] ?? '0');
    const passes = i < initializing.length && container.restartPolicy !== 'Always';
    return { container, amount, passes, request: `container-${i}-request-${placeOf(resource, container)}` };
  });
  const lasting = containers.filter(({ passes, amount }) => !passes && amount > 0);
  const mapped = ({ container }: Place, requestName: string) => ({ containerName: container.name, resourceName: resource, requestName });
  const passing = containers.flatMap((place, i) => (place.passes && place.amount > 0 ? [{ ...place, ...sharedBy(place.amount, containers.slice(i)) }] : []));
  const beyond = passing.filter(({ missing }) => missing > 0);
  const shared = beyond.reduce<(typeof beyond)[number] | undefined>((most, other) => (most && most.missing >= other.missing ? most : other), undefined);
  const exactly = (count: number) => ({ deviceClassName, allocationMode: 'ExactCount', count });
  return {
    requests: [
      ...(shared ? [{ name: shared.request, exactly: exactly(shared.missing) }] : []),
      ...lasting.map(({ request, amount }) => ({ name: request, exactly: exactly(amount) })),
    ],
    mappings: [
      ...lasting.map((place) => mapped(place, place.request)),
      ...passing.flatMap((place) => [...place.used, ...(place.missing > 0 ? [shared!.request] : [])].map((request) => mapped(place, request))),
    ],
  };
}

interface Place {
  readonly container: Container;
  readonly amount: number;
  /** It ends before the others begin. */
  readonly passes: boolean;
  readonly request: string;
}

/** Which of the requests of containers that come later are enough for a container, and how much it needs beyond them. */
function sharedBy(amount: number, later: readonly Place[]): { readonly used: readonly string[]; readonly missing: number } {
  const used: string[] = [];
  let missing = amount;
  for (const other of later) {
    if (missing <= 0) break;
    if (other.passes || other.amount === 0) continue;
    used.push(other.request);
    missing -= other.amount;
  }
  return { used, missing: Math.max(missing, 0) };
}

/** Where a resource stands among those that a container requests, by their names. */
const placeOf = (resource: string, { resources }: Container): number =>
  Object.keys(resources?.requests ?? {})
    .sort(compareText)
    .indexOf(resource);
