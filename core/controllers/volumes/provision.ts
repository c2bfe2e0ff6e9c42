import { referenceTo } from '../../apis/core/claim-reference.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';

const OWN = 'logplane.dev/volumes';
const ZONE = 'topology.kubernetes.io/zone';

/** Logplane makes volumes of its own class, and stands in for the CSI drivers of AWS, whose classes labs use. */
export const isProvisioned = ({ provisioner }: StorageClass): boolean =>
  provisioner === OWN || provisioner.endsWith('.csi.aws.com') || provisioner === 'kubernetes.io/aws-ebs';

/** A CSI driver is named by a domain alone, which these provisioners are not. */
const drivers: Readonly<Record<string, string>> = { [OWN]: 'volumes.logplane.dev', 'kubernetes.io/aws-ebs': 'ebs.csi.aws.com' };

/** The volume that a class makes for a claim, reserved for it: named after the claim's uid, in the zone of the node that the scheduler chose. */
export function provision(claim: PersistentVolumeClaim, { storageClass, state }: { storageClass: StorageClass; state: State }): PersistentVolume {
  const { uid, annotations } = claim.metadata;
  const { accessModes, resources, volumeMode, volumeAttributesClassName } = claim.spec!;
  const driver = drivers[storageClass.provisioner] ?? storageClass.provisioner;
  const node = state.get('nodes', undefined, annotations?.['volume.kubernetes.io/selected-node'] ?? '');
  const zone = node?.metadata.labels?.[ZONE];
  // A disk is in one zone; a file system is in all of them.
  const zonal = zone && accessModes?.every((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod');
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `pvc-${uid}`, annotations: { 'pv.kubernetes.io/provisioned-by': storageClass.provisioner } },
    spec: {
      accessModes: accessModes!,
      capacity: { storage: resources?.requests?.['storage'] ?? '0' },
      claimRef: referenceTo(claim),
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      volumeMode: volumeMode ?? 'Filesystem',
      ...(volumeAttributesClassName && { volumeAttributesClassName }),
      ...(storageClass.mountOptions && { mountOptions: storageClass.mountOptions }),
      csi: { driver, volumeHandle: `vol-${uid!.replaceAll('-', '').slice(0, 17)}`, fsType: storageClass.parameters?.['csi.storage.k8s.io/fstype'] ?? 'ext4' },
      ...(zonal && { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'In', values: [zone] }] }] } } }),
    },
  };
}
