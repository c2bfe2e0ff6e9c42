import { defaultClassIn } from '../../admission/default-storage-class.ts';
import { classOf, classOfVolume } from '../../apis/core/claim-class.ts';
import { BIND_COMPLETED, BOUND_BY_CONTROLLER, referenceTo, refersTo } from '../../apis/core/claim-reference.ts';
import { claimsOf } from '../../apis/core/pod-claims.ts';
import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import { bestVolumeFor, mismatchOf } from '../../apis/core/volume-match.ts';
import { freeOfClass, usedBy, volumesByUse } from '../../apis/core/volumes-by-use.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { successorOf } from '../../apis/storage/drivers/registry.ts';
import { clusterInstant } from '../../instant.ts';
import { type Key, keyOf } from '../../kube/object.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { type Controller, type ControllerContext, type ControllerResult, nothing } from '../controller.ts';
import { statusUpdate, updateTo } from '../shared/mutations.ts';
import { claimKeysOf } from './claims-in-use.ts';
import { SELECTED_NODE, STORAGE_PROVISIONER } from './provisioner.ts';
import { hasEvents, type Said, sayOnce } from './said-once.ts';

const COMPONENT = 'persistentvolume-controller';
const BETA_PROVISIONER = 'volume.beta.kubernetes.io/storage-provisioner';

/** Binds claims to volumes, and leaves those of a class that makes volumes to its provisioner (pkg/controller/volume/persistentvolume, syncClaim). */
export const volumeBinder: Controller<PersistentVolumeClaim> = {
  name: 'persistent-volume-binder',
  resource: 'persistentvolumeclaims',
  watches: { persistentvolumes: claimsOfVolume, 'storageclasses.storage.k8s.io': claimsOfClass, pods: claimsOfWaitingPod },
  reconcile(context) {
    const { object: claim } = context;
    if (!claim?.spec) return nothing;
    if (claim.metadata.annotations?.[BIND_COMPLETED]) return { mutations: keepBound(context, claim) };
    if (claim.metadata.deletionTimestamp) return nothing;
    return claim.spec.volumeName ? bindTo(context, claim, claim.spec.volumeName) : findVolume(context, claim);
  },
};

/** A claim that has its volume (syncBoundClaim): without it, it is lost. */
function keepBound(context: ControllerContext<PersistentVolumeClaim>, claim: PersistentVolumeClaim): Mutation[] {
  const { volumeName } = claim.spec!;
  if (!volumeName) return lost(context, claim, ['ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!']);
  const volume = context.state.get('persistentvolumes', undefined, volumeName);
  if (!volume) return lost(context, claim, ['ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!']);
  const { claimRef } = volume.spec!;
  if (claimRef && claimRef.uid !== claim.metadata.uid)
    return lost(context, claim, ['ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly']);
  return bind(claim, volume);
}

function lost(context: ControllerContext<PersistentVolumeClaim>, claim: PersistentVolumeClaim, [reason, message]: [string, string]): Mutation[] {
  return claim.status?.phase === 'Lost' ? [] : [...withPhase(claim, 'Lost'), ...say(context, claim, 'Warning', reason, message)];
}

/** A claim that asks for one volume by its name. It waits for that one to come, or to be free. */
function bindTo(context: ControllerContext<PersistentVolumeClaim>, claim: PersistentVolumeClaim, volumeName: string): ControllerResult {
  const volume = context.state.get('persistentvolumes', undefined, volumeName);
  if (!volume) return { mutations: withPhase(claim, 'Pending') };
  const { claimRef } = volume.spec!;
  const waiting = (reason: string, message: string) => ({
    mutations: [...withPhase(claim, 'Pending'), ...sayWaiting(context, claim, 'Warning', reason, message)],
  });
  if (claimRef && !refersTo(claimRef, claim)) return waiting('FailedBinding', `volume "${volumeName}" already bound to a different claim.`);
  if (!claimRef && context.assumed.has(keyOf('persistentvolumes', undefined, volumeName))) return { mutations: withPhase(claim, 'Pending') };
  const mismatch = claimRef ? undefined : mismatchOf(volume, claim);
  return mismatch === undefined
    ? { mutations: take(context, claim, volume) }
    : waiting('VolumeMismatch', `Cannot bind to requested volume "${volumeName}": ${mismatch}`);
}

function findVolume(context: ControllerContext<PersistentVolumeClaim>, claim: PersistentVolumeClaim): ControllerResult {
  const { state } = context;
  const className = classOf(claim);
  const storageClass = className ? state.get('storageclasses.storage.k8s.io', undefined, className) : undefined;
  // The scheduler reserves a volume for such a claim where its pod goes, or says there where one is to be made.
  const isDelayed = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
  const volume = bestOfFewestModes(claim, { volumes: candidatesFor(context, claim), reservedOnly: isDelayed });
  if (volume) return { mutations: take(context, claim, volume) };
  const byDefault = className === undefined ? defaultClassIn(state) : undefined;
  if (byDefault) {
    return { mutations: [updateTo('persistentvolumeclaims', { ...claim, spec: { ...claim.spec!, storageClassName: byDefault.metadata.name } })] };
  }
  const waiting = (...said: Said): ControllerResult => ({ mutations: [...withPhase(claim, 'Pending'), ...sayWaiting(context, claim, ...said)] });
  if (isDelayed && !claim.metadata.annotations?.[SELECTED_NODE]) {
    const { said, enqueueAt } = forConsumers(context, claim);
    return { ...waiting('Normal', ...said), ...(enqueueAt !== undefined && { enqueueAt }) };
  }
  if (!className) return waiting('Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set');
  if (!storageClass) return waiting('Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${className}" not found`);
  const provisioner = successorOf(storageClass.provisioner) ?? storageClass.provisioner;
  if (provisioner.startsWith('kubernetes.io/')) {
    return waiting('Warning', 'ProvisioningFailed', `no volume plugin matched name: ${provisioner}`);
  }
  const annotated = withAnnotations(claim, { [STORAGE_PROVISIONER]: provisioner, [BETA_PROVISIONER]: provisioner });
  const isAsked = claim.metadata.annotations?.[STORAGE_PROVISIONER] === provisioner;
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
  return {
    mutations: [
      ...(isAsked ? [] : [updateTo('persistentvolumeclaims', annotated)]),
      ...(isAsked ? sayWaiting : say)(context, claim, 'Normal', 'ExternalProvisioning', message),
    ],
  };
}

/** Of the volumes with exactly the modes that the claim asks for, else of those with the fewest more (pkg/controller/volume/persistentvolume/index.go). */
function bestOfFewestModes(
  claim: PersistentVolumeClaim,
  { volumes, reservedOnly }: { volumes: readonly PersistentVolume[]; reservedOnly: boolean },
): PersistentVolume | undefined {
  const wanted = claim.spec!.accessModes ?? [];
  const fitting = volumes.filter(({ spec }) => wanted.every((mode) => spec!.accessModes?.includes(mode)));
  const byModes = Map.groupBy(fitting, ({ spec }) => spec!.accessModes!.toSorted().join());
  for (const [, alike] of [...byModes].sort(([a], [b]) => a.split(',').length - b.split(',').length)) {
    const best = bestVolumeFor(claim, alike, { reservedOnly });
    if (best) return best;
  }
  return undefined;
}

/**
 * Whom a claim waits for: the pods that use it and have no node, or one to come (emitEventForUnboundDelayBindingClaim). Kubernetes looks at it again after a
 * while, and has not seen most pods without their node.
 */
function forConsumers({ state, now }: ControllerContext<PersistentVolumeClaim>, { metadata: { namespace, name } }: PersistentVolumeClaim) {
  const pods = state.by(podsWithoutNode, `${namespace}/${name}`);
  const since = ({ metadata }: Pod) => Date.parse(metadata.creationTimestamp!) + RESYNC_MS;
  const seen = pods.filter((pod) => since(pod) <= now).map(({ metadata }) => metadata.name);
  const next = pods.map(since).filter((time) => time > now);
  const said: [reason: string, message: string] =
    seen.length === 0
      ? ['WaitForFirstConsumer', 'waiting for first consumer to be created before binding']
      : ['WaitForPodScheduled', `waiting for ${seen.length > 1 ? 'pods' : 'pod'} ${seen.join()} to be scheduled`];
  return { said, enqueueAt: next.length > 0 ? clusterInstant(Math.min(...next)) : undefined };
}

/** `--pvclaimbinder-sync-period` */
const RESYNC_MS = 15_000;

const podsWithoutNode = index(['pods'], (_key, pod) =>
  pod.spec?.nodeName || isPodTerminal(pod) ? [] : claimsOf(pod).map((name) => `${pod.metadata.namespace}/${name}`),
);

/** The volumes that come into question for a claim: those that name it, and of its class those that name none. */
function candidatesFor({ state, assumed }: ControllerContext<PersistentVolumeClaim>, claim: PersistentVolumeClaim): readonly PersistentVolume[] {
  const free = state.by(volumesByUse, freeOfClass(classOf(claim)));
  const { namespace, name } = claim.metadata;
  return [
    ...state.by(volumesByUse, usedBy(namespace, name)),
    ...free.filter((volume) => !assumed.has(keyOf('persistentvolumes', undefined, volume.metadata.name))),
  ];
}

/** All claims of a pass see the same state: what one of them takes is not another's any more. */
function take({ assumed }: ControllerContext<PersistentVolumeClaim>, claim: PersistentVolumeClaim, volume: PersistentVolume): Mutation[] {
  assumed.add(keyOf('persistentvolumes', undefined, volume.metadata.name));
  return bind(claim, volume);
}

/** Both sides of the binding, as far as they are not done: the volume's claimRef, the claim's volumeName, and what each shows. */
function bind(claim: PersistentVolumeClaim, volume: PersistentVolume): Mutation[] {
  const mutations: Mutation[] = [];
  const { metadata, spec, status } = claim;
  if (volume.spec!.claimRef?.uid !== metadata.uid) {
    const byController: Record<string, string> = volume.spec!.claimRef ? {} : { [BOUND_BY_CONTROLLER]: 'yes' };
    mutations.push(updateTo('persistentvolumes', withAnnotations({ ...volume, spec: { ...volume.spec, claimRef: referenceTo(claim) } }, byController)));
  }
  const bound = { ...claim, spec: { ...spec, volumeName: volume.metadata.name } };
  if (!spec!.volumeName || !metadata.annotations?.[BIND_COMPLETED]) {
    const byController: Record<string, string> = spec!.volumeName ? {} : { [BOUND_BY_CONTROLLER]: 'yes' };
    mutations.push(updateTo('persistentvolumeclaims', withAnnotations(bound, { [BIND_COMPLETED]: 'yes', ...byController })));
  }
  const { accessModes, capacity, volumeAttributesClassName } = volume.spec!;
  // What the volume holds is what the claim has; from then on, its resizer says that.
  const isNew = status?.phase !== 'Bound';
  mutations.push(
    ...statusUpdate('persistentvolumeclaims', bound, {
      ...status,
      phase: 'Bound',
      ...(accessModes && { accessModes }),
      ...(isNew && capacity && { capacity }),
      ...(isNew && volumeAttributesClassName !== undefined && { currentVolumeAttributesClassName: volumeAttributesClassName }),
    }),
  );
  return mutations;
}

const withAnnotations = <T extends PersistentVolume | PersistentVolumeClaim>(object: T, annotations: Readonly<Record<string, string>>): T =>
  Object.keys(annotations).length === 0
    ? object
    : { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } } };

function withPhase(claim: PersistentVolumeClaim, phase: 'Pending' | 'Lost'): Mutation[] {
  if (claim.status?.phase === phase) return [];
  const { capacity: _, accessModes: _a, currentVolumeAttributesClassName: _c, ...status } = claim.status ?? {};
  return statusUpdate('persistentvolumeclaims', claim, { ...(phase === 'Lost' ? status : claim.status), phase });
}

/**
 * An Event of a claim that waits. Once its Events have ended, an old claim is silent; if it spoke up again, its Event would end again, and a cluster in
 * which nothing happens would never be idle.
 */
function sayWaiting(context: ControllerContext<PersistentVolumeClaim>, claim: PersistentVolumeClaim, ...said: Said): Mutation[] {
  const isNew = context.now - Date.parse(claim.metadata.creationTimestamp!) < NEW_MS;
  return isNew || hasEvents(context.state, claim) ? say(context, claim, ...said) : [];
}

const say = (context: ControllerContext<PersistentVolumeClaim>, claim: PersistentVolumeClaim, ...said: Said): Mutation[] =>
  sayOnce(context, { regarding: claim, component: COMPONENT, says: [said] });

const NEW_MS = 300_000;

/** A changed volume matters to its claim, to those that ask for it by name, and, when it is free, to every claim of its class that has none. */
function claimsOfVolume({ object, previous }: Change<PersistentVolume>, state: State): Key[] {
  const refs = [object, previous].map((volume) => volume?.spec?.claimRef).filter((ref) => ref !== undefined);
  return [
    ...refs.map(({ namespace, name }) => keyOf('persistentvolumeclaims', namespace, name!)),
    ...state.keys(claimsWithoutVolume, `volume ${object.metadata.name}`),
    ...(object.spec?.claimRef ? [] : state.keys(claimsWithoutVolume, `class ${classOfVolume(object)}`)),
  ];
}

/** A class matters to the claims that name it, and, as the default one, to those that name none. */
function claimsOfClass({ object }: Change, state: State): Key[] {
  return [...state.keys(claimsWithoutVolume, `class ${object.metadata.name}`), ...state.keys(claimsWithoutVolume, 'class ')];
}

/** A pod that waits for a node is told of by its claims. */
function claimsOfWaitingPod({ type, object: pod, previous }: Change<Pod>): Key[] {
  return type === 'MODIFIED' && previous?.spec?.nodeName === pod.spec?.nodeName ? [] : claimKeysOf(pod);
}

/** By the volume that they ask for, or else by their class. */
const claimsWithoutVolume = index(['persistentvolumeclaims'], (_key, claim) => {
  if (claim.metadata.annotations?.[BIND_COMPLETED]) return [];
  return [claim.spec?.volumeName ? `volume ${claim.spec.volumeName}` : `class ${classOf(claim) ?? ''}`];
});
