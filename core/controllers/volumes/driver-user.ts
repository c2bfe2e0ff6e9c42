import type { StorageDriver } from '../../apis/storage/drivers/driver.ts';
import { userNamed } from '../../kube/user.ts';
import type { State } from '../../state/state.ts';

/** As whom the sidecars of the drivers write. Their roles come with a driver's own manifests, where those are applied. */
export const DRIVER_USER = userNamed('system:serviceaccount:kube-system:csi-controller-sa');

/** What the Events of a driver's provisioner come from: the driver, its pod, and a number of its own. */
export const provisionerComponent = ({ name, controller }: StorageDriver, state: State): string =>
  `${name}_${controller}-0_${state.get('namespaces', undefined, 'kube-system')?.metadata.uid ?? '0'}`;
