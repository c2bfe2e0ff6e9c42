import type { DownwardAPIVolumeFile, PersistentVolumeSpec, Volume } from '../../schema/generated/kinds.ts';
import { defaultPullPolicy } from './container-defaults.ts';

/** rw-r--r-- */
const MODE = 0o644;

/** What Kubernetes fills into a volume (pkg/apis/core/v1/defaults.go). Changes the volume that it is handed. */
export function defaultVolume(volume: Volume): void {
  if (Object.keys(volume).every((name) => name === 'name' || volume[name as keyof Volume] === undefined)) volume.emptyDir = {};
  const { secret, configMap, downwardAPI, projected, ephemeral, image } = volume;
  for (const source of [secret, configMap, downwardAPI, projected]) if (source) source.defaultMode ??= MODE;
  if (downwardAPI) defaultFiles(downwardAPI.items);
  for (const source of projected?.sources ?? []) {
    defaultFiles(source.downwardAPI?.items);
    if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600;
  }
  defaultVolumeSource(volume);
  if (ephemeral?.volumeClaimTemplate?.spec) ephemeral.volumeClaimTemplate.spec.volumeMode ??= 'Filesystem';
  if (image) image.pullPolicy ||= defaultPullPolicy(image.reference);
}

/** What pods' volumes and PersistentVolumes have in common. */
export function defaultVolumeSource({
  hostPath,
  iscsi,
  rbd,
  azureDisk,
  scaleIO,
}: Pick<Volume & PersistentVolumeSpec, 'hostPath' | 'iscsi' | 'rbd' | 'azureDisk' | 'scaleIO'>): void {
  if (hostPath) hostPath.type ??= '';
  if (iscsi) iscsi.iscsiInterface ||= 'default';
  if (rbd) {
    rbd.pool ||= 'rbd';
    rbd.user ||= 'admin';
    rbd.keyring ||= '/etc/ceph/keyring';
  }
  if (azureDisk) {
    azureDisk.cachingMode ??= 'ReadWrite';
    azureDisk.kind ??= 'Shared';
    azureDisk.fsType ??= 'ext4';
    azureDisk.readOnly ??= false;
  }
  if (scaleIO) {
    scaleIO.storageMode ||= 'ThinProvisioned';
    scaleIO.fsType ||= 'xfs';
  }
}

function defaultFiles(files: readonly DownwardAPIVolumeFile[] = []): void {
  for (const { fieldRef, resourceFieldRef } of files) {
    if (fieldRef) fieldRef.apiVersion ||= 'v1';
    if (resourceFieldRef) resourceFieldRef.divisor ??= '0';
  }
}
