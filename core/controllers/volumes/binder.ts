import { BIND_COMPLETED, BOUND_BY_CONTROLLER, referenceTo, refersTo } from '../../apis/core/claim-reference.ts';
import { bestVolumeFor, mismatchOf } from '../../apis/core/volume-match.ts';
import { freeOfClass, usedBy, volumesByUse } from '../../apis/core/volumes-by-use.ts';
import { creation, type Mutation } from '../../apis/mutation.ts';
import { type Key, keyOf } from '../../kube/object.ts';
import { eventObject } from '../../reconcile/event-recorder.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { type Controller, type ControllerContext, type ControllerResult, nothing } from '../controller.ts';
import { statusUpdate, updateTo } from '../shared/mutations.ts';
import { expand } from './expand.ts';
import { isProvisioned, provision } from './provision.ts';

const COMPONENT = 'persistentvolume-controller';
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
const BETA_PROVISIONER = 'volume.beta.kubernetes.io/storage-provisioner';

/** Binds claims to volumes, and has volumes made for claims of a class that makes them (pkg/controller/volume/persistentvolume, syncClaim). */
export const volumeBinder: Controller<PersistentVolumeClaim> = {
  name: 'persistent-volume-binder',
  resource: 'persistentvolumeclaims',
  watches: { persistentvolumes: claimsOfVolume, 'storageclasses.storage.k8s.io': claimsOfClass },
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
  if (claimRef && !refersTo(claimRef, claim))
    return lost(context, claim, ['ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly']);
  return [...bind(claim, volume), ...expand(context, claim, volume)];
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
  const { storageClassName } = claim.spec!;
  const storageClass = storageClassName ? state.get('storageclasses.storage.k8s.io', undefined, storageClassName) : undefined;
  // The scheduler reserves a volume for such a claim where its pod goes, or says there where one is to be made.
  const isDelayed = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
  const volume = bestVolumeFor(claim, candidatesFor(context, claim), { reservedOnly: isDelayed });
  if (volume) return { mutations: take(context, claim, volume) };
  const waiting = (type: 'Normal' | 'Warning', reason: string, message: string, annotated = claim): ControllerResult => ({
    mutations: [
      ...(annotated === claim ? [] : [updateTo('persistentvolumeclaims', annotated)]),
      ...withPhase(claim, 'Pending'),
      ...(annotated === claim ? sayWaiting : say)(context, claim, type, reason, message),
    ],
  });
  if (isDelayed && !claim.metadata.annotations?.[SELECTED_NODE]) {
    return waiting('Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
  }
  if (!storageClassName) return waiting('Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set');
  if (!storageClass) return waiting('Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${storageClassName}" not found`);
  const { provisioner } = storageClass;
  if (provisioner === 'kubernetes.io/no-provisioner') {
    return waiting('Warning', 'ProvisioningFailed', `no volume plugin matched name: ${provisioner}`);
  }
  const annotated = withAnnotations(claim, { [PROVISIONER]: provisioner, [BETA_PROVISIONER]: provisioner });
  if (!isProvisioned(storageClass)) {
    const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
    return waiting('Normal', 'ExternalProvisioning', message, annotated);
  }
  const made = provision(claim, { storageClass, state });
  return {
    mutations: [
      creation('persistentvolumes', made),
      ...bind(annotated, made).filter(({ resource }) => resource === 'persistentvolumeclaims'),
      ...say(context, claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${made.metadata.name}`),
    ],
  };
}

/** The volumes that come into question for a claim: those that name it, and of its class those that name none. */
function candidatesFor({ state, assumed }: ControllerContext<PersistentVolumeClaim>, claim: PersistentVolumeClaim): readonly PersistentVolume[] {
  const free = state.by(volumesByUse, freeOfClass(claim.spec!.storageClassName));
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
  // What the volume holds is what the claim has; from then on, it changes by expansion alone.
  const { accessModes, capacity } = status?.phase === 'Bound' ? status : volume.spec!;
  mutations.push(
    ...statusUpdate('persistentvolumeclaims', bound, { ...status, phase: 'Bound', ...(accessModes && { accessModes }), ...(capacity && { capacity }) }),
  );
  return mutations;
}

const withAnnotations = <T extends PersistentVolume | PersistentVolumeClaim>(object: T, annotations: Readonly<Record<string, string>>): T =>
  Object.keys(annotations).length === 0
    ? object
    : { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } } };

function withPhase(claim: PersistentVolumeClaim, phase: 'Pending' | 'Lost'): Mutation[] {
  if (claim.status?.phase === phase) return [];
  const { capacity: _, accessModes: __, ...status } = claim.status ?? {};
  return statusUpdate('persistentvolumeclaims', claim, { ...(phase === 'Lost' ? status : claim.status), phase });
}

type Said = [type: 'Normal' | 'Warning', reason: string, message: string];

/**
 * An Event of a claim that waits: it is looked at again and again, and has nothing new to say. Once its Events have ended, an old claim is silent; if it spoke
 * up again, its Event would end again, and a cluster in which nothing happens would never be idle.
 */
function sayWaiting(context: ControllerContext<PersistentVolumeClaim>, claim: PersistentVolumeClaim, ...said: Said): Mutation[] {
  const isNew = context.now - Date.parse(claim.metadata.creationTimestamp!) < NEW_MS;
  return isNew || context.state.keys(eventsOfClaims, claim.metadata.uid!).length > 0 ? say(context, claim, ...said) : [];
}

/** An Event, unless it is there. */
function say({ state, now, env }: ControllerContext<PersistentVolumeClaim>, claim: PersistentVolumeClaim, ...[type, reason, message]: Said): Mutation[] {
  const said = state.by(eventsOfClaims, claim.metadata.uid!).some((event) => event.reason === reason && event.message === message);
  return said ? [] : [eventObject({ regarding: claim, type, reason, message, component: COMPONENT, now, env })];
}

const NEW_MS = 300_000;

const eventsOfClaims = index(['events'], (_key, { involvedObject }) => {
  return involvedObject?.kind === 'PersistentVolumeClaim' && involvedObject.uid ? [involvedObject.uid] : [];
});

/** A changed volume matters to its claim, to those that ask for it by name, and, when it is free, to every claim of its class that has none. */
function claimsOfVolume({ object, previous }: Change<PersistentVolume>, state: State): Key[] {
  const refs = [object, previous].map((volume) => volume?.spec?.claimRef).filter((ref) => ref !== undefined);
  const keys = refs.map(({ namespace, name }) => keyOf('persistentvolumeclaims', namespace, name!));
  return [
    ...keys,
    ...pending(state)
      .filter((claim) => mayTake(claim, object))
      .map(keyOfClaim),
  ];
}

const mayTake = ({ spec }: PersistentVolumeClaim, volume: PersistentVolume): boolean =>
  spec?.volumeName
    ? spec.volumeName === volume.metadata.name
    : !volume.spec?.claimRef && (spec?.storageClassName ?? '') === (volume.spec?.storageClassName ?? '');

function claimsOfClass({ object }: Change, state: State): Key[] {
  return pending(state)
    .filter(({ spec }) => spec?.storageClassName === object.metadata.name)
    .map(keyOfClaim);
}

const pending = (state: State): readonly PersistentVolumeClaim[] => state.by(claimsWithoutVolume, '');

const claimsWithoutVolume = index(['persistentvolumeclaims'], (_key, { metadata }) => (metadata.annotations?.[BIND_COMPLETED] ? [] : ['']));

const keyOfClaim = ({ metadata }: PersistentVolumeClaim) => keyOf('persistentvolumeclaims', metadata.namespace, metadata.name);
