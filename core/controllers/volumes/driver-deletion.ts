import type { Mutation } from '../../apis/mutation.ts';
import { driverNamed } from '../../apis/storage/drivers/registry.ts';
import { keyOf } from '../../kube/object.ts';
import type { PersistentVolume } from '../../schema/generated/kinds.ts';
import { type Controller, nothing } from '../controller.ts';
import { hasFinalizer, withoutFinalizer } from '../shared/finalizers.ts';
import { deletionOf, updateTo } from '../shared/mutations.ts';
import { attachmentsByVolume } from './attachments.ts';
import { DRIVER_USER } from './driver-user.ts';
import { PROVISIONED_BY, PROVISIONER_FINALIZER } from './provisioner.ts';

/** Deletes the volumes that a driver has made, once they are released and attached nowhere, and lets go of those that are to stay (external-provisioner, Delete). */
export const volumeDeleter: Controller<PersistentVolume> = {
  name: 'csi-deleter',
  actor: DRIVER_USER,
  resource: 'persistentvolumes',
  watches: {
    'volumeattachments.storage.k8s.io': ({ type, object }) =>
      type === 'DELETED' && object.spec.source.persistentVolumeName ? [keyOf('persistentvolumes', undefined, object.spec.source.persistentVolumeName)] : [],
  },
  reconcile({ object: volume, state }) {
    if (!volume || !driverNamed(volume.metadata.annotations?.[PROVISIONED_BY])) return nothing;
    if (volume.spec?.persistentVolumeReclaimPolicy !== 'Delete')
      return hasFinalizer(volume, PROVISIONER_FINALIZER) ? { mutations: [released(volume)] } : nothing;
    if (volume.status?.phase !== 'Released' || state.keys(attachmentsByVolume, volume.metadata.name).length > 0) return nothing;
    return {
      mutations: [
        ...(hasFinalizer(volume, PROVISIONER_FINALIZER) ? [released(volume)] : []),
        // One that is being deleted already goes with its last finalizer.
        ...(volume.metadata.deletionTimestamp ? [] : [deletionOf('persistentvolumes', volume)]),
      ],
    };
  },
};

const released = (volume: PersistentVolume): Mutation => updateTo('persistentvolumes', withoutFinalizer(volume, PROVISIONER_FINALIZER));
