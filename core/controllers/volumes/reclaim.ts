import { BOUND_BY_CONTROLLER, refersTo } from '../../apis/core/claim-reference.ts';
import { isOfMode } from '../../apis/core/volume-match.ts';
import { usedBy, volumesByUse } from '../../apis/core/volumes-by-use.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { type KubeObject, keyOf, timestamp } from '../../kube/object.ts';
import { controllerUser } from '../../kube/user.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Controller, type ControllerContext, nothing } from '../controller.ts';
import { deletionOf, statusUpdate, updateTo } from '../shared/mutations.ts';
import { MIGRATED_TO, PROVISIONED_BY } from './provisioner.ts';
import { type Said, sayOnce } from './said-once.ts';

const COMPONENT = 'persistentvolume-controller';

/**
 * Says in which phase a volume is, and what becomes of it when its claim is gone, as its reclaim policy says (syncVolume). What a CSI driver has made is
 * deleted by its provisioner.
 */
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
    if (!volumeName) return isOfMode(volume, claim) ? nothing : { mutations: sayMismatch(context, volume, claim) };
    if (volumeName === volume.metadata.name) return { mutations: withPhase(context, volume, 'Bound') };
    // The claim got another volume. One that was provisioned for it serves no other claim.
    const madeForIt = volume.metadata.annotations?.[PROVISIONED_BY] !== undefined && volume.spec.persistentVolumeReclaimPolicy === 'Delete';
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
  const released = volume.status?.phase === 'Failed' ? [] : withPhase(context, volume, 'Released');
  switch (volume.spec!.persistentVolumeReclaimPolicy) {
    case 'Delete': {
      const problem = deletionProblem(volume);
      if (problem === 'by its driver') return released;
      return problem === undefined ? [...released, deletionOf('persistentvolumes', volume)] : fail(context, volume, 'VolumeFailedDelete', problem);
    }
    case 'Recycle':
      // A pod empties it, and nothing is left to be seen of that pod.
      return isRecyclable(volume)
        ? [...say(context, volume, 'Normal', 'VolumeRecycled', 'Volume recycled'), ...unbind(volume)]
        : fail(context, volume, 'VolumeFailedRecycle', 'No recycler plugin found for the volume!');
    default:
      return released;
  }
}

/** Why the controller cannot delete a volume itself: most plugins cannot, and a person has to decide; that of hostPath does for tests (findDeletablePlugin). */
function deletionProblem({ metadata, spec }: PersistentVolume): string | undefined {
  const provisioner = metadata.annotations?.[PROVISIONED_BY];
  if (metadata.annotations?.[MIGRATED_TO] || spec!.csi || (provisioner && !provisioner.startsWith('kubernetes.io/'))) return 'by its driver';
  const path = spec!.hostPath?.path;
  if (path !== undefined) return /\/tmp\/.+/.test(path) ? undefined : `host_path deleter only supports /tmp/.+ but received provided ${path}`;
  const problem = spec!.nfs || spec!.iscsi || spec!.fc || spec!.flexVolume ? 'no deletable volume plugin matched' : 'no volume plugin matched';
  return `error getting deleter volume plugin for volume "${metadata.name}": ${problem}`;
}

const isRecyclable = ({ spec }: PersistentVolume): boolean => spec!.hostPath !== undefined || spec!.nfs !== undefined;

function fail(context: ControllerContext<PersistentVolume>, volume: PersistentVolume, reason: string, message: string): Mutation[] {
  const { status } = volume;
  if (status?.phase === 'Failed') return [];
  return [
    ...statusUpdate('persistentvolumes', volume, { phase: 'Failed', message, lastPhaseTransitionTime: timestamp(context.now) }),
    ...say(context, volume, 'Warning', reason, message),
  ];
}

const say = (context: ControllerContext<PersistentVolume>, regarding: KubeObject, ...said: Said): Mutation[] =>
  sayOnce(context, { regarding, component: COMPONENT, says: [said] });

/** A volume that is reserved for a claim which asks for another mode: neither comes further. */
const sayMismatch = (context: ControllerContext<PersistentVolume>, volume: PersistentVolume, claim: PersistentVolumeClaim): Mutation[] => [
  ...say(
    context,
    volume,
    'Warning',
    'VolumeMismatch',
    `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${claim.metadata.name}" due to incompatible volumeMode.`,
  ),
  ...say(
    context,
    claim,
    'Warning',
    'VolumeMismatch',
    `Cannot bind PersistentVolume "${volume.metadata.name}" to requested PersistentVolumeClaim due to incompatible volumeMode.`,
  ),
];

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
