import type { Mutation } from '../../apis/mutation.ts';
import { compareQuantities } from '../../kube/quantity.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../schema/generated/kinds.ts';
import type { ControllerContext } from '../controller.ts';
import { statusUpdate, updateTo } from '../shared/mutations.ts';

/**
 * Gives a bound claim the larger size that it asks for: the volume first, then what the claim shows, as the CSI drivers' resizer does. That the
 * class allows it was checked when the claim was changed.
 */
export function expand({ state, now, env }: ControllerContext<PersistentVolumeClaim>, claim: PersistentVolumeClaim, volume: PersistentVolume): Mutation[] {
  const storage = claim.spec!.resources?.requests?.['storage'];
  const { capacity } = claim.status ?? {};
  const isMade = volume.metadata.annotations?.['pv.kubernetes.io/provisioned-by'] !== undefined;
  if (!storage || !capacity?.['storage'] || !isMade || compareQuantities(storage, capacity['storage']) <= 0) return [];
  const recorder = new EventRecorder({ state, component: 'volume_expand', now, env });
  recorder.normal(claim, 'VolumeResizeSuccessful', 'Resize volume succeeded');
  return [
    updateTo('persistentvolumes', { ...volume, spec: { ...volume.spec, capacity: { ...volume.spec!.capacity, storage } } }),
    ...statusUpdate('persistentvolumeclaims', claim, { ...claim.status, capacity: { ...capacity, storage } }),
    ...recorder.mutations(),
  ];
}
