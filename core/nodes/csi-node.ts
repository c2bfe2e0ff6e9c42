import { drivers } from '../apis/storage/drivers/registry.ts';
import type { CSINode, CSINodeDriver, Node } from '../schema/generated/kinds.ts';

/** What a kubelet says of the volumes that its node can have: by the drivers that run there, and those of former plugins by their successors. */
export function csiNode(node: Node): CSINode {
  const { name, uid } = node.metadata;
  const annotations = { 'storage.alpha.kubernetes.io/migrated-plugins': MIGRATED.map((plugin) => `kubernetes.io/${plugin}`).join() };
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid: uid! }];
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata: { name, annotations, ownerReferences },
    spec: { drivers: registeredDrivers(node) },
  };
}

/** A CSINode with the drivers that run on its node; undefined when it names them all. Those of others stay. */
export function withDrivers(there: CSINode, node: Node): CSINode | undefined {
  const missing = registeredDrivers(node).filter(({ name }) => !there.spec.drivers.some((known) => known.name === name));
  return missing.length > 0 ? { ...there, spec: { ...there.spec, drivers: [...there.spec.drivers, ...missing] } } : undefined;
}

const registeredDrivers = ({ metadata, spec }: Node): CSINodeDriver[] =>
  drivers.map(({ name, topologyKeys, volumesPerNode }) => ({
    name,
    // An instance is named by the end of its providerID.
    nodeID: spec?.providerID?.split('/').at(-1) || metadata.name,
    ...(topologyKeys && { topologyKeys: [...topologyKeys] }),
    ...(volumesPerNode !== undefined && { allocatable: { count: volumesPerNode } }),
  }));

/** pkg/volume/csi/csi_plugin.go */
const MIGRATED = ['aws-ebs', 'azure-disk', 'azure-file', 'cinder', 'gce-pd', 'portworx-volume', 'vsphere-volume'];
