import type { PersistentVolume } from '../../../schema/generated/kinds.ts';
import type { StorageDriver } from './driver.ts';
import { ebs } from './ebs.ts';
import { efs } from './efs.ts';
import { own } from './own.ts';

/** The CSI drivers that are installed in every cluster, and on every node of ours. */
export const drivers: readonly StorageDriver[] = [ebs, efs, own];

const byName = new Map(drivers.flatMap((driver) => [driver.name, ...(driver.provisioners ?? [])].map((name) => [name, driver] as const)));

/** By its own name, or that of a plugin that it has replaced. */
export const driverNamed = (name: string | undefined): StorageDriver | undefined => (name === undefined ? undefined : byName.get(name));

/** The CSI drivers that serve the volumes of plugins which were part of Kubernetes once (k8s.io/csi-translation-lib). */
const SUCCESSORS: Readonly<Record<string, string>> = {
  'kubernetes.io/aws-ebs': 'ebs.csi.aws.com',
  'kubernetes.io/azure-disk': 'disk.csi.azure.com',
  'kubernetes.io/azure-file': 'file.csi.azure.com',
  'kubernetes.io/cinder': 'cinder.csi.openstack.org',
  'kubernetes.io/gce-pd': 'pd.csi.storage.gke.io',
  'kubernetes.io/portworx-volume': 'pxd.portworx.com',
  'kubernetes.io/vsphere-volume': 'csi.vsphere.vmware.com',
};

/** The driver that has taken the place of a plugin. */
export const successorOf = (provisioner: string): string | undefined => SUCCESSORS[provisioner];

/** How the driver of a volume is called, and what it calls the volume; undefined when no CSI driver has it. */
export function csiVolumeOf({ spec }: PersistentVolume): { driver: string; handle: string } | undefined {
  if (spec?.csi) return { driver: spec.csi.driver, handle: spec.csi.volumeHandle };
  // `aws://eu-west-1a/vol-1` (csi-translation-lib, plugins/aws_ebs.go)
  const disk = spec?.awsElasticBlockStore?.volumeID;
  return disk === undefined ? undefined : { driver: ebs.name, handle: disk.slice(disk.lastIndexOf('/') + 1) };
}
