import { type Key, keyOf } from '../../object.ts';
import type { Change, State } from '../../projection/state.ts';
import { eventObject } from '../../reconcile/event-recorder.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../resources/generated/kinds.ts';
import type { Mutation } from '../../resources/mutation.ts';
import { type Controller, type ControllerContext, type ControllerResult, nothing } from '../controller.ts';
import { statusUpdate, updateTo } from '../mutations.ts';
import { BOUND_BY_CONTROLLER, referenceTo, refersTo } from './claim-reference.ts';
import { bestVolumeFor } from './match.ts';
import { isProvisioned, provision } from './provision.ts';

const COMPONENT = 'persistentvolume-controller';
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const PROVISIONER = 'volume.kubernetes.io/storage-provisioner';

/** Binds claims to volumes, and has volumes made for claims of a class that makes them (pkg/controller/volume/persistentvolume, syncClaim). */
export const volumeBinder: Controller<PersistentVolumeClaim> = {
  name: 'persistent-volume-binder',
  resource: 'persistentvolumeclaims',
  watches: { persistentvolumes: claimsOfVolume, 'storageclasses.storage.k8s.io': unboundClaimsOfClass },
  reconcile(context) {
    const { object: claim, state } = context;
    if (!claim?.spec || claim.metadata.deletionTimestamp) return nothing;
    const { volumeName } = claim.spec;
    if (!volumeName) return findVolume(context, claim);
    const volume = state.get<PersistentVolume>('persistentvolumes', undefined, volumeName);
    if (!volume) return claim.metadata.annotations?.[BIND_COMPLETED] ? { mutations: withPhase(claim, 'Lost') } : { mutations: withPhase(claim, 'Pending') };
    const { claimRef } = volume.spec!;
    if (claimRef && !refersTo(claimRef, claim)) return { mutations: withPhase(claim, claim.metadata.annotations?.[BIND_COMPLETED] ? 'Lost' : 'Pending') };
    return { mutations: bind(claim, volume) };
  },
};

function findVolume(context: ControllerContext<PersistentVolumeClaim>, claim: PersistentVolumeClaim): ControllerResult {
  const { state } = context;
  const { storageClassName } = claim.spec!;
  const storageClass = storageClassName ? state.get<StorageClass>('storageclasses.storage.k8s.io', undefined, storageClassName) : undefined;
  const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && !claim.metadata.annotations?.[SELECTED_NODE];
  const volume = waits ? reservedFor(claim, state) : bestVolumeFor(claim, state);
  if (volume) return { mutations: bind(claim, volume) };
  const pending = withPhase(claim, 'Pending');
  if (waits) return { mutations: [...pending, ...say(context, claim, 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding')] };
  if (!storageClass) {
    const [reason, message] = storageClassName
      ? (['ProvisioningFailed', `storageclass.storage.k8s.io "${storageClassName}" not found`] as const)
      : (['FailedBinding', 'no persistent volumes available for this claim and no storage class is set'] as const);
    return { mutations: [...pending, ...say(context, claim, reason, message)] };
  }
  if (!isProvisioned(storageClass)) {
    if (storageClass.provisioner === 'kubernetes.io/no-provisioner') return { mutations: pending };
    const message = `Waiting for a volume to be created either by the external provisioner '${storageClass.provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
    return { mutations: [...pending, ...say(context, claim, 'ExternalProvisioning', message)] };
  }
  const made = provision(claim, { storageClass, state });
  const message = `Successfully provisioned volume ${made.metadata.name}`;
  const annotated = { ...claim, metadata: { ...claim.metadata, annotations: { ...claim.metadata.annotations, [PROVISIONER]: storageClass.provisioner } } };
  const [update, ...rest] = bind(annotated, made).filter((mutation) => mutation.resource === 'persistentvolumeclaims');
  return {
    mutations: [{ type: 'create', resource: 'persistentvolumes', object: made }, update!, ...rest, ...say(context, claim, 'ProvisioningSucceeded', message)],
  };
}

/** A volume that names the claim as its own is bound at once, whatever the class's binding mode. */
const reservedFor = (claim: PersistentVolumeClaim, state: State): PersistentVolume | undefined =>
  state.list<PersistentVolume>('persistentvolumes').find(({ spec }) => spec?.claimRef && refersTo(spec.claimRef, claim));

/** Both sides of the binding, as far as they are not done: the volume's claimRef, the claim's volumeName, and what each shows. */
function bind(claim: PersistentVolumeClaim, volume: PersistentVolume): Mutation[] {
  const mutations: Mutation[] = [];
  const { metadata, spec, status } = claim;
  if (volume.spec!.claimRef?.uid !== metadata.uid) {
    const byController: Record<string, string> = volume.spec!.claimRef ? {} : { [BOUND_BY_CONTROLLER]: 'yes' };
    mutations.push(
      updateTo('persistentvolumes', {
        ...volume,
        metadata: { ...volume.metadata, annotations: { ...volume.metadata.annotations, ...byController } },
        spec: { ...volume.spec, claimRef: referenceTo(claim) },
      }),
    );
  }
  if (!spec!.volumeName || !metadata.annotations?.[BIND_COMPLETED]) {
    const byController: Record<string, string> = spec!.volumeName ? {} : { [BOUND_BY_CONTROLLER]: 'yes' };
    const annotations = { ...metadata.annotations, [BIND_COMPLETED]: 'yes', ...byController };
    mutations.push(
      updateTo('persistentvolumeclaims', { ...claim, metadata: { ...metadata, annotations }, spec: { ...spec, volumeName: volume.metadata.name } }),
    );
  }
  const { accessModes, capacity } = volume.spec!;
  const bound = { ...claim, spec: { ...spec, volumeName: volume.metadata.name } };
  mutations.push(...statusUpdate('persistentvolumeclaims', bound, { ...status, phase: 'Bound', accessModes, capacity }));
  return mutations;
}

function withPhase(claim: PersistentVolumeClaim, phase: 'Pending' | 'Lost'): Mutation[] {
  return claim.status?.phase === phase ? [] : statusUpdate('persistentvolumeclaims', claim, { ...claim.status, phase });
}

/** An Event, once: a claim that waits is looked at again and again, and has nothing new to say. */
function say({ state, now, env }: ControllerContext<PersistentVolumeClaim>, claim: PersistentVolumeClaim, reason: string, message: string): Mutation[] {
  const { uid, namespace } = claim.metadata;
  const said = state
    .list('events', namespace)
    .some((event) => event['involvedObject']?.uid === uid && event['reason'] === reason && event['message'] === message);
  const type = reason === 'ProvisioningFailed' ? 'Warning' : 'Normal';
  return said ? [] : [eventObject({ regarding: claim, type, reason, message, component: COMPONENT, now, env })];
}

/** A changed volume matters to its claim, and a free one to every claim that has none. */
function claimsOfVolume({ object }: Change, state: State): Key[] {
  const { claimRef } = (object as PersistentVolume).spec ?? {};
  if (claimRef) return [keyOf('persistentvolumeclaims', claimRef.namespace, claimRef.name!)];
  return unbound(state).map(keyOfClaim);
}

function unboundClaimsOfClass({ object }: Change, state: State): Key[] {
  return unbound(state)
    .filter(({ spec }) => spec?.storageClassName === object.metadata.name)
    .map(keyOfClaim);
}

const unbound = (state: State) => state.list<PersistentVolumeClaim>('persistentvolumeclaims').filter(({ spec }) => !spec?.volumeName);

const keyOfClaim = ({ metadata }: PersistentVolumeClaim) => keyOf('persistentvolumeclaims', metadata.namespace, metadata.name);
