import { createHash } from 'node:crypto';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { claimOfVolume } from '../core/pod-claims.ts';
import { csiVolumeOf, driverNamed } from './drivers/registry.ts';

/** A volume of a pod that has to be attached to the pod's node before it can be mounted there. */
export interface AttachableVolume {
  readonly volume: PersistentVolume;
  readonly driver: string;
  readonly handle: string;
  /** How a Node's status names it (pkg/volume/util, GetUniqueVolumeName). */
  readonly uniqueName: string;
}

/** By the name that the pod has for it. */
export function attachableVolumesOf(pod: Pod, state: State): Map<string, AttachableVolume> {
  const found = new Map<string, AttachableVolume>();
  for (const each of pod.spec?.volumes ?? []) {
    const name = claimOfVolume(pod, each);
    const claim = name === undefined ? undefined : state.get('persistentvolumeclaims', pod.metadata.namespace, name);
    const attachable = claim && attachableVolumeOf(claim, state);
    if (attachable) found.set(each.name, attachable);
  }
  return found;
}

function attachableVolumeOf({ metadata, spec, status }: PersistentVolumeClaim, state: State): AttachableVolume | undefined {
  const volume = status?.phase === 'Bound' && spec?.volumeName ? state.get('persistentvolumes', undefined, spec.volumeName) : undefined;
  const csi = volume && csiVolumeOf(volume);
  if (!csi || volume.spec?.claimRef?.uid !== metadata.uid || !isAttached(csi.driver, state)) return undefined;
  return { volume, ...csi, uniqueName: `kubernetes.io/csi/${csi.driver}^${csi.handle}` };
}

/** A driver that says nothing of itself has its volumes attached (csi_attacher.go, CanAttach). */
export const isAttached = (driver: string, state: State): boolean =>
  (state.get('csidrivers.storage.k8s.io', undefined, driver)?.spec ?? driverNamed(driver)?.spec)?.attachRequired !== false;

/**
 * Whether a driver is there to serve volumes: one of ours, or one that a user has installed. What its pods would register on each node is not simulated,
 * so that its CSIDriver stands for all of it.
 */
export const isInstalled = (driver: string, state: State): boolean =>
  driverNamed(driver)?.name === driver || state.get('csidrivers.storage.k8s.io', undefined, driver) !== undefined;

/** Of a volume's VolumeAttachment to a node (csi_attacher.go, getAttachmentName). */
export const attachmentName = ({ driver, handle }: { driver: string; handle: string }, node: string): string =>
  `csi-${createHash('sha256').update(`${handle}${driver}${node}`).digest('hex')}`;
