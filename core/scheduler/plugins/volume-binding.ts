import { BIND_COMPLETED, BOUND_BY_CONTROLLER, referenceTo, refersTo } from '../../apis/core/claim-reference.ts';
import { isForPod } from '../../apis/core/pod-claims.ts';
import { bestVolumeFor, isReachable } from '../../apis/core/volume-match.ts';
import { freeOfClass, usedBy, volumesByUse } from '../../apis/core/volumes-by-use.ts';
import { update } from '../../apis/mutation.ts';
import { selects } from '../../kube/label-selector.ts';
import { compareQuantities } from '../../kube/quantity.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { type Objection, type Plugin, skip } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';

/**
 * A pod goes where its volumes are. A claim that waits for its first consumer gets a volume where the pod goes: one that is there, or one
 * that its class makes for that node (pkg/scheduler/framework/plugins/volumebinding).
 */
export const volumeBinding: Plugin = {
  name: 'VolumeBinding',
  preFilter: (info, cluster) => {
    if (info.claims.length === 0) return skip;
    const { state } = cluster;
    const reason = impossible(info.pod, info.claims, state);
    if (reason !== undefined) return { type: 'impossible', reason };
    const { volumes, unbound } = volumesFor(info, state);
    // A volume that is there for all nodes keeps the pod from none.
    const limiting = volumes.filter((volume) => !volume || volume.spec!.nodeAffinity?.required);
    if (limiting.length + unbound.length === 0) return skip;
    return {
      type: 'filter',
      filter: ({ node }, _position, { state }) => {
        const reasons = [...whyUnreachable(limiting, node)];
        const found = waysToBind(unbound, node, state);
        if (found.type === 'none') reasons.push(found.reason);
        return reasons.length > 0 ? objectionOf(reasons) : undefined;
      },
    };
  },
  reserve: (info, { node }, { state }) =>
    chosenWays(info, node, state).map((way) =>
      way.type === 'volume'
        ? update('persistentvolumes', reservedFor(way.claim, way.volume))
        : update('persistentvolumeclaims', withSelectedNode(way.claim, node)),
    ),
};

const ELSEWHERE = "node(s) didn't match PersistentVolume's node affinity";
const NO_VOLUME = "node(s) didn't find available persistent volumes to bind";
const NO_SPACE = 'node(s) did not have enough free storage';
const VOLUME_GONE = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';
const ORDER = [ELSEWHERE, NO_VOLUME, NO_SPACE, VOLUME_GONE];

/** Nodes that give the same reasons share one. */
function objectionOf(reasons: readonly string[]): Objection {
  const told = ORDER.filter((reason) => reasons.includes(reason));
  const text = told.join();
  const objection = objections.get(text) ?? { reasons: told, resolvable: false };
  objections.set(text, objection);
  return objection;
}

const objections = new Map<string, Objection>();

/** What a pod's claims have, and what those need that have nothing yet. */
interface VolumesForPod {
  /** undefined: it does not exist. */
  readonly volumes: readonly (PersistentVolume | undefined)[];
  /** The smaller ones first. */
  readonly unbound: readonly UnboundClaim[];
}

interface UnboundClaim {
  readonly claim: PersistentVolumeClaim;
  /** The volumes that come into question for it on any node. */
  readonly candidates: readonly PersistentVolume[];
}

function volumesFor(info: PodInfo, state: State): VolumesForPod {
  const { bound = [], unbound = [] } = Object.groupBy(claimsIn(info, state), ({ spec }) => (spec!.volumeName ? 'bound' : 'unbound'));
  return {
    volumes: bound.map(({ spec }) => state.get('persistentvolumes', undefined, spec!.volumeName!)),
    unbound: unbound.sort((a, b) => compareQuantities(sizeOf(a), sizeOf(b))).map((claim) => ({ claim, candidates: candidatesFor(claim, state) })),
  };
}

/** Why the volumes that the pod's claims have are not to be had on a node: the first that is not. */
function* whyUnreachable(volumes: VolumesForPod['volumes'], node: Node): Generator<string> {
  for (const volume of volumes) {
    if (volume && isReachable(volume, node)) continue;
    yield volume ? ELSEWHERE : VOLUME_GONE;
    return;
  }
}

/** Why the pod's claims keep it from every node. */
function impossible(pod: Pod, claims: readonly string[], state: State): string | undefined {
  const ephemeral = new Set(pod.spec!.volumes?.flatMap(({ name, ephemeral }) => (ephemeral ? [`${pod.metadata.name}-${name}`] : [])));
  for (const name of claims) {
    const claim = state.get('persistentvolumeclaims', pod.metadata.namespace, name);
    if (!claim) {
      return ephemeral.has(name)
        ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
        : `persistentvolumeclaim "${name}" not found`;
    }
    if (claim.status?.phase === 'Lost') return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName}"`;
    if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`;
    if (ephemeral.has(name) && !isForPod(claim, pod))
      return `PVC ${claim.metadata.namespace}/${name} was not created for pod ${pod.metadata.namespace}/${pod.metadata.name} (pod is not owner)`;
  }
  return claims.some((name) => isUnbound(state.get('persistentvolumeclaims', pod.metadata.namespace, name)!, state))
    ? 'pod has unbound immediate PersistentVolumeClaims'
    : undefined;
}

/** A claim that the volume binder is to bind, whatever becomes of the pod; also one that asks for a volume by name. */
const isUnbound = (claim: PersistentVolumeClaim, state: State): boolean =>
  claim.spec?.volumeName ? claim.metadata.annotations?.[BIND_COMPLETED] === undefined : classOf(claim, state)?.volumeBindingMode !== 'WaitForFirstConsumer';

const claimsIn = ({ pod, claims }: PodInfo, state: State): PersistentVolumeClaim[] =>
  claims.flatMap((name) => state.get('persistentvolumeclaims', pod.metadata.namespace, name) ?? []);

const classOf = ({ spec }: PersistentVolumeClaim, state: State): StorageClass | undefined =>
  spec?.storageClassName ? state.get('storageclasses.storage.k8s.io', undefined, spec.storageClassName) : undefined;

/** A volume that is there already, or one that is to be made. */
type WayToBind =
  | { readonly type: 'volume'; readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }
  | { readonly type: 'provision'; readonly claim: PersistentVolumeClaim };

type Ways = { readonly type: 'some'; readonly ways: readonly WayToBind[] } | { readonly type: 'none'; readonly reason: string };

const NO_WAYS: Ways = { type: 'none', reason: NO_VOLUME };

/** How the pod's claims that have no volume get theirs on a node, each its own (FindPodVolumes). */
function waysToBind(unbound: readonly UnboundClaim[], node: Node, state: State): Ways {
  const ways: WayToBind[] = [];
  const taken = new Set<PersistentVolume>();
  for (const { claim, candidates } of unbound) {
    const chosen = claim.metadata.annotations?.[SELECTED_NODE];
    // A volume is being made for that node already, unless the node has gone.
    if (chosen === node.metadata.name) continue;
    if (chosen !== undefined && state.get('nodes', undefined, chosen)) return NO_WAYS;
    const volume = bestVolumeFor(
      claim,
      candidates.filter((candidate) => !taken.has(candidate)),
      { node },
    );
    if (volume) {
      ways.push({ type: 'volume', claim, volume });
      taken.add(volume);
      continue;
    }
    const storageClass = classOf(claim, state);
    if (!storageClass || !isProvisionable(storageClass, node)) return NO_WAYS;
    if (!hasCapacity(claim, { storageClass, node, state })) return { type: 'none', reason: NO_SPACE };
    ways.push({ type: 'provision', claim });
  }
  return { type: 'some', ways };
}

function chosenWays(info: PodInfo, node: Node, state: State): readonly WayToBind[] {
  const found = waysToBind(volumesFor(info, state).unbound, node, state);
  return found.type === 'some' ? found.ways : [];
}

const sizeOf = ({ spec }: PersistentVolumeClaim): string => spec!.resources?.requests?.['storage'] ?? '0';

/** Whether a driver that tells what it has left (CSIDriver's `storageCapacity`) has that much for a node (hasEnoughCapacity). */
function hasCapacity(claim: PersistentVolumeClaim, { storageClass, node, state }: { storageClass: StorageClass; node: Node; state: State }): boolean {
  if (claim.spec!.resources?.requests?.['storage'] === undefined) return true;
  if (!state.get('csidrivers.storage.k8s.io', undefined, storageClass.provisioner)?.spec.storageCapacity) return true;
  return state.by(capacitiesByClass, storageClass.metadata.name).some(({ capacity, maximumVolumeSize, nodeTopology }) => {
    const most = maximumVolumeSize ?? capacity;
    return most !== undefined && compareQuantities(most, sizeOf(claim)) >= 0 && nodeTopology !== undefined && selects(nodeTopology, node.metadata.labels);
  });
}

const capacitiesByClass = index(['csistoragecapacities.storage.k8s.io'], (_key, { storageClassName }) => [storageClassName]);

const candidatesFor = (claim: PersistentVolumeClaim, state: State): readonly PersistentVolume[] => [
  ...state.by(volumesByUse, usedBy(claim.metadata.namespace, claim.metadata.name)).filter(({ spec }) => refersTo(spec!.claimRef!, claim)),
  ...state.by(volumesByUse, freeOfClass(claim.spec!.storageClassName)),
];

function isProvisionable({ provisioner, allowedTopologies }: StorageClass, { metadata: { labels } }: Node): boolean {
  if (!provisioner || provisioner === 'kubernetes.io/no-provisioner') return false;
  if (!allowedTopologies?.length) return true;
  return allowedTopologies.some(({ matchLabelExpressions = [] }) => matchLabelExpressions.every(({ key, values }) => values.includes(labels?.[key] ?? '')));
}

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

const withSelectedNode = (claim: PersistentVolumeClaim, node: Node): PersistentVolumeClaim => ({
  ...claim,
  metadata: { ...claim.metadata, annotations: { ...claim.metadata.annotations, [SELECTED_NODE]: node.metadata.name } },
});

/** The volume binder completes the binding. */
const reservedFor = (claim: PersistentVolumeClaim, volume: PersistentVolume): PersistentVolume => ({
  ...volume,
  metadata: { ...volume.metadata, annotations: { ...volume.metadata.annotations, ...(!volume.spec!.claimRef && { [BOUND_BY_CONTROLLER]: 'yes' }) } },
  spec: { ...volume.spec, claimRef: referenceTo(claim) },
});
