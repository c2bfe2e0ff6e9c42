import { BOUND_BY_CONTROLLER, refersTo } from '../../apis/core/claim-reference.ts';
import { usedBy, volumesByUse } from '../../apis/core/volumes-by-use.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { keyOf, timestamp } from '../../kube/object.ts';
import { controllerUser } from '../../kube/user.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Controller, type ControllerContext, nothing } from '../controller.ts';
import { deletionOf, statusUpdate, updateTo } from '../shared/mutations.ts';

/** Says in which phase a volume is, and deletes or keeps it when its claim is gone, as its reclaim policy says (syncVolume). */
export const volumeReclaimer: Controller<PersistentVolume> = {
  name: 'persistent-volume-reclaimer',
  // Kubernetes has volumes bound and reclaimed by one controller.
  actor: controllerUser('persistent-volume-binder'),
  resource: 'persistentvolumes',
  watches: {
    persistentvolumeclaims: ({ object, previous }, state) =>
      [object, previous]
        .flatMap((claim) => claim?.spec?.volumeName ?? [])
        .concat(state.get('persistentvolumeclaims', object.metadata.namespace, object.metadata.name) ? volumesFor(object, state) : [])
        .map((name) => keyOf('persistentvolumes', undefined, name)),
  },
  reconcile(context) {
    const { object: volume, state } = context;
    if (!volume?.spec) return nothing;
    const { claimRef } = volume.spec;
    if (!claimRef?.uid) return { mutations: withPhase(context, volume, 'Available') };
    const claim = state.get('persistentvolumeclaims', claimRef.namespace, claimRef.name!);
    if (!claim || !refersTo(claimRef, claim)) return { mutations: reclaim(context, volume) };
    const { volumeName } = claim.spec ?? {};
    if (!volumeName) return nothing;
    if (volumeName === volume.metadata.name) return { mutations: withPhase(context, volume, 'Bound') };
    // The claim got another volume. One that was provisioned for it serves no other claim.
    const madeForIt = isProvisioned(volume) && volume.spec.persistentVolumeReclaimPolicy === 'Delete';
    return { mutations: madeForIt ? reclaim(context, volume) : unbind(volume) };
  },
};

/** A volume may be reserved for a claim that does not know of it yet, or has another one. */
const volumesFor = (claim: { metadata: PersistentVolumeClaim['metadata'] }, state: State): string[] =>
  state
    .by(volumesByUse, usedBy(claim.metadata.namespace, claim.metadata.name))
    .filter(({ spec }) => spec?.claimRef?.uid === claim.metadata.uid)
    .map(({ metadata }) => metadata.name);

/** What becomes of a volume whose claim is gone. */
function reclaim(context: ControllerContext<PersistentVolume>, volume: PersistentVolume): Mutation[] {
  const { name, deletionTimestamp } = volume.metadata;
  switch (volume.spec!.persistentVolumeReclaimPolicy) {
    case 'Delete': {
      // Only what a provisioner made can it unmake; of others, the data may be elsewhere, and a person has to decide.
      if (!isProvisioned(volume)) {
        return fail(context, volume, {
          reason: 'VolumeFailedDelete',
          message: `error getting deleter volume plugin for volume "${name}": no deletable volume plugin matched`,
        });
      }
      // One that is being deleted already goes as soon as it is no longer bound (protection.ts).
      return [...withPhase(context, volume, 'Released'), ...(deletionTimestamp ? [] : [deletionOf('persistentvolumes', volume)])];
    }
    case 'Recycle':
      return fail(context, volume, { reason: 'VolumeFailedRecycle', message: 'No recycler plugin found for the volume!' });
    default:
      return withPhase(context, volume, 'Released');
  }
}

const isProvisioned = ({ metadata }: PersistentVolume): boolean => metadata.annotations?.['pv.kubernetes.io/provisioned-by'] !== undefined;

function fail(
  { state, now, env }: ControllerContext<PersistentVolume>,
  volume: PersistentVolume,
  { reason, message }: { reason: string; message: string },
): Mutation[] {
  const { status } = volume;
  if (status?.phase === 'Failed' && status.message === message) return [];
  const recorder = new EventRecorder({ state, component: 'persistentvolume-controller', now, env });
  recorder.warning(volume, reason, message);
  return [...statusUpdate('persistentvolumes', volume, { phase: 'Failed', message, lastPhaseTransitionTime: timestamp(now) }), ...recorder.mutations()];
}

function withPhase({ now }: ControllerContext<PersistentVolume>, volume: PersistentVolume, phase: 'Available' | 'Bound' | 'Released'): Mutation[] {
  if (volume.status?.phase === phase) return [];
  return statusUpdate('persistentvolumes', volume, { phase, lastPhaseTransitionTime: timestamp(now) });
}

/** Makes a volume available again: to all claims, or, when a user reserved it for a claim by name, to the next claim of that name (unbindVolume). */
function unbind(volume: PersistentVolume): Mutation[] {
  const { claimRef, ...spec } = volume.spec!;
  const { [BOUND_BY_CONTROLLER]: byController, ...annotations } = volume.metadata.annotations ?? {};
  const { uid: _u, resourceVersion: _r, ...reservation } = claimRef!;
  return [
    updateTo('persistentvolumes', { ...volume, metadata: { ...volume.metadata, annotations }, spec: byController ? spec : { ...spec, claimRef: reservation } }),
  ];
}
