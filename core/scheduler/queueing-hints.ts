import { matchesNode, untolerated } from '../apis/core/node-match.ts';
import { claimsOf } from '../apis/core/pod-claims.ts';
import { amountsOf, podRequests } from '../apis/core/pod-requests.ts';
import { claimNamedBy, isMadeFor } from '../apis/core/pod-resource-claim-names.ts';
import { selects } from '../kube/label-selector.ts';
import { compareQuantities } from '../kube/quantity.ts';
import type {
  CSIDriver,
  CSIStorageCapacity,
  DeviceClass,
  Node,
  PersistentVolumeClaim,
  Pod,
  PodAffinityTerm,
  ResourceResourceClaim as ResourceClaim,
} from '../schema/generated/kinds.ts';
import type { Change } from '../state/change.ts';
import { boundPodOf } from './bound-pods.ts';
import { type ClusterEvent, clusterEventsOf } from './cluster-events.ts';
import { canBeDevices } from './dynamic-resources/extended-resources.ts';
import { conflict as portConflict } from './plugins/node-ports.ts';
import { conflicts as diskConflicts } from './plugins/volume-restrictions.ts';

/** Whether a change may make a pod schedulable that a plugin has rejected: a rule for each kind of change that can, `true` where every one of them can. */
export type Hints = { readonly [E in ClusterEvent]?: true | ((pod: Pod, change: Change) => boolean) };

/** The QueueingHints of kube-scheduler's plugins, by their names. A plugin without any waits for every change. */
const hints: Readonly<Record<string, Hints>> = {
  NodeName: { 'node-added': true },
  NodeUnschedulable: { 'node-added': true, 'node-uncordoned': true },
  TaintToleration: { 'node-added': tolerated, 'node-taints': tolerated },
  NodeAffinity: { 'node-added': matches, 'node-labels': matches },
  NodeDeclaredFeatures: { 'node-added': true, 'node-features': true },
  NodePorts: { 'node-added': true, 'pod-gone': hadPort },
  NodeResourcesFit: {
    ...{ 'node-added': isLargeEnough, 'node-allocatable': isLargeEnough, 'pod-gone': true, 'pod-scaled-down': true },
    'device-class': standsForSome,
  },
  VolumeRestrictions: { 'node-added': true, 'pod-gone': hadVolume, claim: isClaimOf },
  NodeVolumeLimits: { 'node-added': true, 'csi-node': true, 'pod-gone': hadClaims, claim: isClaimOf, 'attachment-gone': true },
  VolumeBinding: {
    'node-added': true,
    'node-labels': true,
    claim: isClaimOf,
    volume: true,
    'storage-class': true,
    'storage-capacity': hasMoreCapacity,
    'csi-driver': tellsNoCapacity,
  },
  VolumeZone: { 'node-added': true, 'node-labels': true, claim: isClaimOf, volume: true, 'storage-class': true },
  PodTopologySpread: {
    ...{ 'node-added': isInTopology, 'node-gone': isInTopology, 'node-labels': isInTopology, 'node-taints': isInTopology },
    ...{ 'pod-assigned': isSpread, 'pod-gone': isSpread, 'pod-labelled': isSpread },
  },
  InterPodAffinity: {
    ...{ 'node-added': true, 'node-labels': true, namespace: true },
    ...{ 'pod-assigned': isNeeded, 'pod-labelled': changesAffinity, 'pod-gone': wasInTheWay },
  },
  DynamicResources: {
    ...{ 'node-added': true, 'node-labels': true, 'node-allocatable': true },
    ...{ 'resource-claim': claimChanges, 'resource-slice': true, 'device-class': true },
  },
};

/** The changes that pods may wait for, by their kinds. */
export class QueueingChanges {
  readonly #changes = new Map<ClusterEvent, Change[]>();

  constructor(changes: readonly Change[]) {
    for (const change of changes) {
      for (const event of clusterEventsOf(change)) {
        const known = this.#changes.get(event);
        if (known) known.push(change);
        else this.#changes.set(event, [change]);
      }
    }
  }

  /** Whether there is nothing that any pod may wait for. */
  get isEmpty(): boolean {
    return this.#changes.size === 0;
  }

  /** Whether one of them may make a pod schedulable that these plugins have rejected. A pod that no plugin has rejected waits for any. */
  wake(pod: Pod, rejectors: ReadonlySet<string>): boolean {
    if (this.isEmpty) return false;
    return rejectors.size === 0 || [...rejectors].some((plugin) => this.#wakes(pod, Object.hasOwn(hints, plugin) ? hints[plugin] : undefined));
  }

  #wakes(pod: Pod, hints: Hints | undefined): boolean {
    if (!hints) return true;
    for (const [event, changes] of this.#changes) {
      const hint = hints[event];
      if (hint === true || (hint && changes.some((change) => hint(pod, change)))) return true;
    }
    return false;
  }
}

const nodeOf = ({ object }: Change): Node => object as Node;
const podOf = ({ object, previous }: Change): Pod => (previous ?? object) as Pod;

/** A node whose taints it tolerates. */
function tolerated({ spec }: Pod, change: Change): boolean {
  return !untolerated(nodeOf(change).spec?.taints, spec!.tolerations, ['NoSchedule', 'NoExecute']);
}

/** A node that it asks for, and that was not one before. */
function matches({ spec }: Pod, change: Change): boolean {
  return matchesNode(spec!, nodeOf(change)) && !(change.previous && matchesNode(spec!, change.previous as Node));
}

/** A class for something that it requests: what nodes do not have of it may be devices. */
function standsForSome(pod: Pod, { object }: Change): boolean {
  const { metadata, spec } = object as DeviceClass;
  return Object.keys(podRequests(pod)).some((name) => name === spec.extendedResourceName || name === `deviceclass.resource.kubernetes.io/${metadata.name}`);
}

/** A node that could take it if it were empty. What it has none of may be devices. */
function isLargeEnough(pod: Pod, change: Change): boolean {
  const allocatable = amountsOf(nodeOf(change).status?.allocatable);
  return (
    (allocatable['pods'] ?? 0) > 0 &&
    Object.entries(podRequests(pod)).every(([name, amount]) => amount <= (allocatable[name] ?? 0) || (canBeDevices(name) && !allocatable[name]))
  );
}

function hadPort(pod: Pod, change: Change): boolean {
  const [wanted, freed] = [boundPodOf(pod).hostPorts, boundPodOf(podOf(change)).hostPorts];
  return wanted.some((port) => freed.some((other) => portConflict(port, other)));
}

function hadVolume(pod: Pod, change: Change): boolean {
  const gone = podOf(change);
  if (diskConflicts(pod.spec?.volumes ?? [], gone)) return true;
  const claims = new Set(claimsOf(pod));
  return gone.metadata.namespace === pod.metadata.namespace && claimsOf(gone).some((claim) => claims.has(claim));
}

function hadClaims(_pod: Pod, change: Change): boolean {
  return claimsOf(podOf(change)).length > 0;
}

function isClaimOf(pod: Pod, { object }: Change): boolean {
  const { namespace, name } = (object as PersistentVolumeClaim).metadata;
  return namespace === pod.metadata.namespace && claimsOf(pod).includes(name);
}

function hasMoreCapacity(_pod: Pod, { object, previous }: Change): boolean {
  const [now, before] = [limitOf(object as CSIStorageCapacity), previous && limitOf(previous as CSIStorageCapacity)];
  return now !== undefined && (before === undefined || compareQuantities(now, before) > 0);
}

const limitOf = ({ capacity, maximumVolumeSize }: CSIStorageCapacity): string | undefined => maximumVolumeSize ?? capacity;

function tellsNoCapacity(_pod: Pod, { type, object }: Change): boolean {
  return type === 'DELETED' || !(object as CSIDriver).spec.storageCapacity;
}

/** A node with, or before with, a label that the pod is spread by. */
function isInTopology({ spec }: Pod, { object, previous }: Change): boolean {
  const keys = spec!.topologySpreadConstraints?.map(({ topologyKey }) => topologyKey) ?? [];
  return keys.length === 0 || [object, previous].some((node) => keys.some((key) => node?.metadata.labels?.[key] !== undefined));
}

/** A pod that is counted where the pod is spread. */
function isSpread({ metadata, spec }: Pod, { object, previous }: Change): boolean {
  if (object.metadata.namespace !== metadata.namespace) return false;
  const constraints = spec!.topologySpreadConstraints ?? [];
  return constraints.some(({ labelSelector }) => [object, previous].some((pod) => pod && selects(labelSelector, pod.metadata.labels)));
}

const termsOf = ({ spec }: Pod, kind: 'podAffinity' | 'podAntiAffinity'): readonly PodAffinityTerm[] =>
  spec?.affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];

/** In which namespaces is not asked: one too many is looked at in vain. */
const areAbout = (terms: readonly PodAffinityTerm[], { metadata }: Pod): boolean => terms.some(({ labelSelector }) => selects(labelSelector, metadata.labels));

/** A pod that it is to be near. */
function isNeeded(pod: Pod, { object }: Change): boolean {
  return areAbout(termsOf(pod, 'podAffinity'), object as Pod);
}

/** A pod that it is not to be near, or that was not to be near it. */
function wasInTheWay(pod: Pod, change: Change): boolean {
  const gone = podOf(change);
  return areAbout(termsOf(pod, 'podAntiAffinity'), gone) || areAbout(termsOf(gone, 'podAntiAffinity'), pod);
}

function changesAffinity(pod: Pod, change: Change): boolean {
  return isNeeded(pod, change) || wasInTheWay(pod, change);
}

/** A claim of its own, or one that has given devices back. */
function claimChanges(pod: Pod, { type, object, previous }: Change): boolean {
  const claim = object as ResourceClaim;
  const before = previous as ResourceClaim | undefined;
  const isOwn =
    claim.metadata.namespace === pod.metadata.namespace &&
    (pod.spec?.resourceClaims ?? []).some((entry) => {
      const named = claimNamedBy(pod, entry);
      return named.type === 'named' && named.name === claim.metadata.name;
    });
  const isFreed =
    type === 'DELETED' ? (before ?? claim).status?.allocation !== undefined : before?.status?.allocation !== undefined && !claim.status?.allocation;
  // One that was left over, and in its way.
  const isLeftOver = type === 'DELETED' && isMadeFor(claim, pod);
  return isOwn || isFreed || isLeftOver;
}
