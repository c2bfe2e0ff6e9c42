import { claimsOf } from '../../apis/core/pod-claims.ts';
import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { type Objection, type Plugin, skip } from '../framework.ts';

/**
 * A node takes no more volumes of a CSI driver than its CSINode says (pkg/scheduler/framework/plugins/nodevolumelimits): those of its pods, those that are still
 * attached to it, and the pod's own.
 */
export const nodeVolumeLimits: Plugin = {
  name: 'NodeVolumeLimits',
  preFilter: ({ claims }) => (claims.length === 0 ? skip : undefined),
  filter: ({ pod }, { name }, { state }) => {
    const limits = limitsOf(name, state);
    if (limits.size === 0) return undefined;
    const wanted = limited(volumesOf(pod, state), limits);
    if (wanted.size === 0) return undefined;
    const there = limited(volumesOn(name, state), limits);
    const counts = new Map<string, number>();
    for (const driver of there.values()) counts.set(driver, (counts.get(driver) ?? 0) + 1);
    for (const [volume, driver] of wanted) {
      // One that a pod there has already is not attached twice.
      if (there.has(volume)) continue;
      const count = (counts.get(driver) ?? 0) + 1;
      if (count > limits.get(driver)!) return EXCEEDED;
      counts.set(driver, count);
    }
    return undefined;
  },
};

const EXCEEDED: Objection = { reasons: ['node(s) exceed max volume count'], resolvable: true };

/** How many volumes of each driver a node takes. */
function limitsOf(node: string, state: State): ReadonlyMap<string, number> {
  const drivers = state.get('csinodes.storage.k8s.io', undefined, node)?.spec.drivers ?? [];
  return new Map(drivers.flatMap(({ name, allocatable }) => (allocatable?.count === undefined ? [] : [[name, allocatable.count]])));
}

/** Volumes, each with its driver. */
type Volumes = ReadonlyMap<string, string>;

const limited = (volumes: Volumes, limits: ReadonlyMap<string, number>): Volumes => new Map([...volumes].filter(([, driver]) => limits.has(driver)));

function volumesOn(node: string, state: State): Volumes {
  const attached = state.by(attachments, node).flatMap(({ spec }): [string, string][] => {
    const handle = spec.source.persistentVolumeName && handleOf(spec.source.persistentVolumeName, state);
    return handle ? [handle] : [];
  });
  const used = state.by('node', node).flatMap((pod) => (isPodTerminal(pod) ? [] : [...volumesOf(pod, state)]));
  return new Map([...attached, ...used]);
}

const attachments = index(['volumeattachments.storage.k8s.io'], (_key, { spec }) => [spec.nodeName]);

/** The volumes of a pod that a CSI driver serves or is to serve. */
function volumesOf(pod: Pod, state: State): Volumes {
  const { namespace } = pod.metadata;
  const volumes = new Map<string, string>();
  for (const name of claimsOf(pod)) {
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
