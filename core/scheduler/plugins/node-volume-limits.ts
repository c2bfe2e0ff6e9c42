import { claimsOf } from '../../apis/core/pod-claims.ts';
import type { CSINode } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import type { Limit } from '../../state/reads.ts';
import type { State } from '../../state/state.ts';
import type { BoundPod } from '../bound-pods.ts';
import { type Objection, type Plugin, skip } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import { holderOf } from '../node-infos.ts';

/**
 * A node takes no more volumes of a CSI driver than its CSINode says (pkg/scheduler/framework/plugins/nodevolumelimits): those of its pods, those that are still
 * attached to it, and the pod's own.
 */
export const nodeVolumeLimits: Plugin = {
  name: 'NodeVolumeLimits',
  preFilter: (pod, cluster) => {
    if (pod.claims.length === 0) return skip;
    const wanted = volumesOf(pod, cluster.state);
    if (wanted.size === 0) return skip;
    return { type: 'filter', filter: (node, _position, { state }) => (exceeds(wanted, node, state) ? EXCEEDED : undefined) };
  },
};

const EXCEEDED: Objection = { reasons: ['node(s) exceed max volume count'], resolvable: true };

/** Whether a node has no room for volumes. */
function exceeds(wanted: Volumes, node: NodeInfo, state: State): boolean {
  const { name, bound } = node;
  const limits = limitsOf(state.get('csinodes.storage.k8s.io', undefined, name));
  if (limits.size === 0) return false;
  state.keepWithin(volumesOfNode, name);
  const attached = state.keys(attachments, name);
  // Each of them counted as one more volume of the same driver: of most nodes that is little, and which volumes they are need not be known.
  const most = bound.claims + attached.length + wanted.size;
  if ([...wanted.values()].every((driver) => most <= (limits.get(driver) ?? most))) return false;
  // What the pods there use is looked at without a note: that no more comes to it is what the place rests on.
  const there = volumesOn(node, state.observed(undefined));
  const counts = new Map<string, number>();
  for (const driver of there.values()) counts.set(driver, (counts.get(driver) ?? 0) + 1);
  for (const [volume, driver] of wanted) {
    // One that a pod there has already is not attached twice.
    if (there.has(volume)) continue;
    const count = (counts.get(driver) ?? 0) + 1;
    if (count > (limits.get(driver) ?? count)) return true;
    counts.set(driver, count);
  }
  return false;
}

/** The volumes that a node takes: a pod with claims takes some when it comes there. */
const volumesOfNode: Limit<'node'> = {
  of: 'node',
  takesMore: (pod, previous) => {
    const holder = holderOf(pod);
    return holder !== undefined && claimsOf(pod).length > 0 && !(previous && holderOf(previous) === holder);
  },
};

/** How many volumes of each driver a node takes. Asked of hundreds of nodes for each pod. */
function limitsOf(node: CSINode | undefined): Limits {
  if (!node) return NO_LIMITS;
  let limits = limitsByNode.get(node);
  if (!limits) {
    limits = new Map(node.spec.drivers.flatMap(({ name, allocatable }) => (allocatable?.count === undefined ? [] : [[name, allocatable.count]])));
    limitsByNode.set(node, limits);
  }
  return limits;
}

type Limits = ReadonlyMap<string, number>;

const NO_LIMITS: Limits = new Map();
const limitsByNode = new WeakMap<CSINode, Limits>();

/** Volumes, each with its driver. */
type Volumes = ReadonlyMap<string, string>;

function volumesOn({ name, bound }: NodeInfo, state: State): Volumes {
  const attached = state.by(attachments, name).flatMap(({ spec }): [string, string][] => {
    const handle = spec.source.persistentVolumeName && handleOf(spec.source.persistentVolumeName, state);
    return handle ? [handle] : [];
  });
  return new Map([...attached, ...bound.claimants.flatMap((pod) => [...volumesOf(pod, state)])]);
}

const attachments = index(['volumeattachments.storage.k8s.io'], (_key, { spec }) => [spec.nodeName]);

/** The volumes of a pod that a CSI driver serves or is to serve. */
function volumesOf({ claims, kind: { namespace } }: Pick<BoundPod, 'claims' | 'kind'>, state: State): Volumes {
  const volumes = new Map<string, string>();
  for (const name of claims) {
    const claim = state.get('persistentvolumeclaims', namespace, name);
    const { volumeName, storageClassName } = claim?.spec ?? {};
    const bound = volumeName ? state.get('persistentvolumes', undefined, volumeName) : undefined;
    const handle = bound ? handleOf(bound.metadata.name, state) : undefined;
    if (handle) volumes.set(...handle);
    const storageClass = !bound && storageClassName ? state.get('storageclasses.storage.k8s.io', undefined, storageClassName) : undefined;
    if (storageClass) volumes.set(`${storageClass.provisioner}/${namespace}/${name}`, storageClass.provisioner);
  }
  return volumes;
}

function handleOf(volumeName: string, state: State): [volume: string, driver: string] | undefined {
  const csi = state.get('persistentvolumes', undefined, volumeName)?.spec?.csi;
  return csi && [`${csi.driver}/${csi.volumeHandle}`, csi.driver];
}
