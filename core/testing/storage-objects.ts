import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass, VolumeAttributesClass } from '../schema/generated/kinds.ts';
import { type PodOptions, pod } from './objects.ts';

/** The smallest objects of storage, as clients write them. */

export const storageClass = (name: string, more: Partial<StorageClass> = {}): StorageClass => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name },
  provisioner: 'logplane.dev/volumes',
  volumeBindingMode: 'Immediate',
  ...more,
});

/** Of disks of EBS. */
export const gp3 = (more: Partial<StorageClass> = {}): StorageClass => storageClass('gp3', { provisioner: 'ebs.csi.aws.com', ...more });

export const claim = (name: string, spec: object = {}, metadata: object = {}): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default', ...metadata },
  spec: { storageClassName: '', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Gi' } }, ...spec },
});

export const volume = (name: string, spec: object = {}, metadata: object = {}): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name, ...metadata },
  spec: { capacity: { storage: '10Gi' }, accessModes: ['ReadWriteOnce'], persistentVolumeReclaimPolicy: 'Retain', hostPath: { path: `/tmp/${name}` }, ...spec },
});

export const attributesClass = (name: string, parameters: Record<string, string>, driverName = 'ebs.csi.aws.com'): VolumeAttributesClass => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'VolumeAttributesClass',
  metadata: { name },
  driverName,
  parameters,
});

/** A pod whose container mounts a claim. */
export const mounting = (name: string, claimName: string, options: PodOptions = {}): Pod =>
  pod(name, {
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }],
    container: { volumeMounts: [{ name: 'v', mountPath: '/v' }] },
    ...options,
  });
