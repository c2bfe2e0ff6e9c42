import { BOUND_BY_CONTROLLER, referenceTo, refersTo } from '../../apis/core/claim-reference.ts';
import { isForPod } from '../../apis/core/pod-claims.ts';
import { bestVolumeFor, isReachable } from '../../apis/core/volume-match.ts';
import { freeOfClass, usedBy, volumesByUse } from '../../apis/core/volumes-by-use.ts';
import { update } from '../../apis/mutation.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Plugin, skip, unresolvable } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';

/**
 * A pod goes where its volumes are. A claim that waits for its first consumer gets a volume where the pod goes: one that is there, or one
 * that its class makes for that node (pkg/scheduler/framework/plugins/volumebinding).
 */
export const volumeBinding: Plugin = {
  name: 'VolumeBinding',
  preFilter: ({ pod, claims }, { state }) => {
    if (claims.length === 0) return skip;
    const reason = impossible(pod, claims, state);
    return reason === undefined ? undefined : { type: 'impossible', reason };
  },
  filter: (info, { node }, { state }) => {
    for (const { spec } of claimsIn(info, state)) {
      if (!spec!.volumeName) continue;
      const volume = state.get('persistentvolumes', undefined, spec!.volumeName);
      if (!volume) return unresolvable('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)');
      if (!isReachable(volume, node)) return unresolvable("node(s) didn't match PersistentVolume's node affinity");
    }
    return waysToBind(info, node, state) ? undefined : unresolvable("node(s) didn't find available persistent volumes to bind");
  },
  reserve: (info, { node }, { state }) =>
    (info.claims.length > 0 ? waysToBind(info, node, state)! : []).map((way) =>
      way.type === 'volume'
        ? update('persistentvolumes', reservedFor(way.claim, way.volume))
        : update('persistentvolumeclaims', withSelectedNode(way.claim, node)),
    ),
};

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
    if (!claim.spec?.volumeName && classOf(claim, state)?.volumeBindingMode !== 'WaitForFirstConsumer')
      return 'pod has unbound immediate PersistentVolumeClaims';
  }
  return undefined;
}

const claimsIn = ({ pod, claims }: PodInfo, state: State): PersistentVolumeClaim[] =>
  claims.flatMap((name) => state.get('persistentvolumeclaims', pod.metadata.namespace, name) ?? []);

const classOf = ({ spec }: PersistentVolumeClaim, state: State): StorageClass | undefined =>
  spec?.storageClassName ? state.get('storageclasses.storage.k8s.io', undefined, spec.storageClassName) : undefined;

/** A volume that is there already, or one that is to be made. */
type WayToBind =
  | { readonly type: 'volume'; readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }
  | { readonly type: 'provision'; readonly claim: PersistentVolumeClaim };

/** How the pod's claims that have no volume get theirs on a node, each its own; undefined when they cannot. */
function waysToBind(info: PodInfo, node: Node, state: State): WayToBind[] | undefined {
  const ways: WayToBind[] = [];
  const taken = new Set<PersistentVolume>();
  for (const claim of claimsIn(info, state)) {
    if (claim.spec!.volumeName) continue;
    const chosen = claim.metadata.annotations?.[SELECTED_NODE];
    // A volume is being made for that node already, unless the node has gone.
    if (chosen === node.metadata.name) continue;
    if (chosen !== undefined && state.get('nodes', undefined, chosen)) return undefined;
    const volume = bestVolumeFor(
      claim,
      candidatesFor(info, claim, state).filter((candidate) => !taken.has(candidate)),
      { node },
    );
    const storageClass = classOf(claim, state);
    if (volume) ways.push({ type: 'volume', claim, volume });
    else if (storageClass && isProvisionable(storageClass, node)) ways.push({ type: 'provision', claim });
    else return undefined;
    if (volume) taken.add(volume);
  }
  return ways;
}

/** The volumes that come into question for a claim on any node: looked for once each time that a pod is tried. */
function candidatesFor(info: PodInfo, claim: PersistentVolumeClaim, state: State): readonly PersistentVolume[] {
  const ofPod = candidates.get(info) ?? new Map<PersistentVolumeClaim, readonly PersistentVolume[]>();
  candidates.set(info, ofPod);
  let found = ofPod.get(claim);
  if (!found) {
    const { namespace, name } = claim.metadata;
    found = [
      ...state.by(volumesByUse, usedBy(namespace, name)).filter(({ spec }) => refersTo(spec!.claimRef!, claim)),
      ...state.by(volumesByUse, freeOfClass(claim.spec!.storageClassName)),
    ];
    ofPod.set(claim, found);
  }
  return found;
}

const candidates = new WeakMap<PodInfo, Map<PersistentVolumeClaim, readonly PersistentVolume[]>>();

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
