import { creation } from '../../apis/mutation.ts';
import { csiVolumeOf, driverNamed, drivers } from '../../apis/storage/drivers/registry.ts';
import { keyOf, parseKey } from '../../kube/object.ts';
import type { CSIDriver } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import { type Controller, nothing } from '../controller.ts';
import { DRIVER_USER } from './driver-user.ts';

const RESOURCE = 'csidrivers.storage.k8s.io';

/**
 * Makes the CSIDriver of a driver when the first class or volume names it. Until then there is none, as in a new cluster of EKS, so that a chart which brings the
 * driver with it can be installed.
 */
export const csiDriverController: Controller<CSIDriver> = {
  name: 'csi-driver',
  actor: DRIVER_USER,
  watches: {
    'storageclasses.storage.k8s.io': ({ type, object }) => (type === 'DELETED' ? [] : driverKeys(object.provisioner)),
    persistentvolumes: ({ type, object }) => (type === 'ADDED' ? driverKeys(csiVolumeOf(object)?.driver) : []),
  },
  primaries: () => drivers.map(({ name }) => keyOf(RESOURCE, undefined, name)),
  reconcile({ key, object, state }) {
    const driver = driverNamed(parseKey(key).name)!;
    if (object || (state.keys(classesByDriver, driver.name).length === 0 && state.keys(volumesByDriver, driver.name).length === 0)) return nothing;
    return {
      mutations: [creation(RESOURCE, { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: driver.name }, spec: driver.spec })],
    };
  },
};

/** Of ours alone. */
const driverKeys = (name: string | undefined) => (driverNamed(name)?.name === name && name ? [keyOf(RESOURCE, undefined, name)] : []);

const classesByDriver = index(['storageclasses.storage.k8s.io'], (_key, { provisioner }) => [provisioner]);

const volumesByDriver = index(['persistentvolumes'], (_key, volume) => {
  const driver = csiVolumeOf(volume)?.driver;
  return driver === undefined ? [] : [driver];
});
