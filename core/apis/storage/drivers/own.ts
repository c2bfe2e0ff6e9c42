import { digitsOf, type StorageDriver } from './driver.ts';

/** What stands behind Logplane's own class: volumes of every access mode, for one node in the zone of the first. */
export const own: StorageDriver = {
  name: 'volumes.logplane.dev',
  // The name of a provisioner has a domain and a path, a driver's only a domain.
  provisioners: ['logplane.dev/volumes'],
  controller: 'volumes-controller',
  spec: { attachRequired: false },
  // A disk is in one zone; a file system is in all of them.
  isZonal: ({ spec }) => spec?.accessModes?.every((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod') ?? false,
  topologyKeys: ['topology.kubernetes.io/zone'],
  defaultFsType: 'ext4',
  isExpandable: true,
  sizeOf: (bytes) => bytes,
  refusal: () => undefined,
  modificationRefusal: () => undefined,
  handleOf: ({ claim }) => `vol-0${digitsOf(claim)}`,
};
