import { keyOf, timestamp } from '../../object.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../resources/generated/kinds.ts';
import { type Controller, nothing } from '../controller.ts';
import { deletionOf, statusUpdate } from '../mutations.ts';
import { refersTo } from './claim-reference.ts';

/** Says in which phase a volume is, and deletes or keeps it when its claim is gone, as its reclaim policy says (syncVolume). */
export const volumeReclaimer: Controller<PersistentVolume> = {
  name: 'persistent-volume-reclaimer',
  resource: 'persistentvolumes',
  watches: {
    persistentvolumeclaims: ({ object, previous }) =>
      [object, previous]
        .map((claim) => (claim as PersistentVolumeClaim | undefined)?.spec?.volumeName)
        .filter((name) => name !== undefined)
        .map((name) => keyOf('persistentvolumes', undefined, name)),
  },
  reconcile({ object: volume, state, now }) {
    if (!volume?.spec || volume.metadata.deletionTimestamp) return nothing;
    const { claimRef, persistentVolumeReclaimPolicy = 'Retain' } = volume.spec;
    const phase = (name: string) =>
      volume.status?.phase === name
        ? nothing
        : { mutations: statusUpdate('persistentvolumes', volume, { ...volume.status, phase: name, lastPhaseTransitionTime: timestamp(now) }) };
    if (!claimRef?.uid) return phase('Available');
    const claim = state.get<PersistentVolumeClaim>('persistentvolumeclaims', claimRef.namespace, claimRef.name!);
    if (claim && refersTo(claimRef, claim)) return claim.spec?.volumeName === volume.metadata.name ? phase('Bound') : phase('Available');
    const provisioned = volume.metadata.annotations?.['pv.kubernetes.io/provisioned-by'] !== undefined;
    // Only what was made here can be unmade here; of others, the data may be elsewhere, and a person has to decide.
    if (persistentVolumeReclaimPolicy === 'Delete' && provisioned) return { mutations: [deletionOf('persistentvolumes', volume)] };
    return phase(persistentVolumeReclaimPolicy === 'Delete' ? 'Failed' : 'Released');
  },
};
