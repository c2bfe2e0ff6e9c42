import { isServed } from '../../apis/core/node-agent.ts';
import { claimsOf } from '../../apis/core/pod-claims.ts';
import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import { podsByClaim } from '../../apis/core/pods-by-claim.ts';
import { creation, type Mutation } from '../../apis/mutation.ts';
import { type AttachableVolume, attachableVolumesOf, attachmentName } from '../../apis/storage/attachable-volumes.ts';
import { csiVolumeOf } from '../../apis/storage/drivers/registry.ts';
import { type ClusterInstant, clusterInstant } from '../../instant.ts';
import { type Key, keyOf } from '../../kube/object.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Node, PersistentVolumeClaim, Pod, VolumeAttachment } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { type Controller, type ControllerContext, type ControllerResult, nothing } from '../controller.ts';
import { earliest } from '../shared/earliest.ts';
import { deletionOf, statusUpdate } from '../shared/mutations.ts';
import { attachmentsByNode, attachmentsByVolume } from './attachments.ts';
import { isUseChanged } from './claims-in-use.ts';
import { sayOnce } from './said-once.ts';

const RESOURCE = 'volumeattachments.storage.k8s.io';
const COMPONENT = 'attachdetach-controller';
const MANAGED = 'volumes.kubernetes.io/controller-managed-attach-detach';
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';
/** For how long a volume stays with a node that does not say that it has let it go (maxWaitForUnmountDuration). */
const MAX_WAIT_MS = 360_000;
/** For how long an attacher is waited for (pkg/volume/csi, csiTimeout). */
const ATTACH_TIMEOUT_MS = 120_000;

type Context = ControllerContext<Node>;

/**
 * Asks for the volumes of a node's pods to be attached to it, and to be detached when no pod uses them any more; says in the Node's status what is attached and what
 * the kubelet uses (pkg/controller/volume/attachdetach). A volume for one node goes to no other as long as it is attached.
 */
export const attachDetachController: Controller<Node> = {
  name: 'attachdetach-controller',
  resource: 'nodes',
  watches: {
    pods: (change) => (isUseChanged(change) && claimsOf(change.object).length > 0 ? nodesOf(change.object) : []),
    persistentvolumeclaims: nodesOfClaim,
    [RESOURCE]: nodesOfAttachment,
  },
  reconcile(context) {
    const { object: node, state, key } = context;
    const name = key.slice(key.lastIndexOf('/') + 1);
    const attachments = state.by(attachmentsByNode, name).filter((attachment) => isOurs(attachment, state));
    if (!node) return { mutations: attachments.filter(isStaying).map((attachment) => deletionOf(RESOURCE, attachment)) };
    if (!isServed(node) && node.metadata.annotations?.[MANAGED] !== 'true') return nothing;
    const wanted = wantedOn(name, state);
    if (wanted.size === 0 && attachments.length === 0 && !node.status?.volumesAttached?.length && !node.status?.volumesInUse?.length) return nothing;
    return reconciled(context, { node, wanted, attachments: new Map(attachments.map((attachment) => [attachment.metadata.name, attachment])) });
  },
};

interface Wanted extends AttachableVolume {
  readonly pods: Pod[];
}

/** What the pods of a node need, by the name of the volume's attachment to it. */
function wantedOn(node: string, state: State): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const pod of state.by(podsWithClaims, node)) {
    for (const attachable of attachableVolumesOf(pod, state).values()) {
      const name = attachmentName(attachable, node);
      const known = wanted.get(name);
      if (known) known.pods.push(pod);
      else wanted.set(name, { ...attachable, pods: [pod] });
    }
  }
  return wanted;
}

const podsWithClaims = index(['pods'], (_key, pod) => (isPodTerminal(pod) || claimsOf(pod).length === 0 ? [] : nodesNamed(pod)));

/** Those that were made here: a client's own it has to delete itself. */
function isOurs({ metadata, spec }: VolumeAttachment, state: State): boolean {
  const volume = state.get('persistentvolumes', undefined, spec.source.persistentVolumeName ?? '');
  const csi = volume && csiVolumeOf(volume);
  return csi !== undefined && metadata.name === attachmentName(csi, spec.nodeName);
}

const isStaying = ({ metadata }: VolumeAttachment) => !metadata.deletionTimestamp;

interface Attaching {
  readonly node: Node;
  readonly wanted: ReadonlyMap<string, Wanted>;
  readonly attachments: ReadonlyMap<string, VolumeAttachment>;
}

function reconciled(context: Context, { node, wanted, attachments }: Attaching): ControllerResult {
  const mutations: Mutation[] = [];
  const attached = new Set<string>();
  const inUse = new Set([...wanted.values()].map(({ uniqueName }) => uniqueName));
  const reported = new Set(node.status?.volumesAttached?.map(({ name }) => name));
  const recorder = new EventRecorder({ state: context.state, component: COMPONENT, now: context.now, env: context.env });
  let enqueueAt: ClusterInstant | undefined;
  for (const [name, volume] of wanted) {
    const attachment = attachments.get(name);
    if (attachment?.status?.attached && isStaying(attachment)) {
      attached.add(volume.uniqueName);
      if (reported.has(volume.uniqueName)) continue;
      for (const pod of volume.pods) recorder.normal(pod, 'SuccessfulAttachVolume', messageOf('AttachVolume.Attach succeeded', volume, ''));
    } else if (attachment) {
      const failing = failureOf(attachment, volume);
      if (failing.since <= context.now) mutations.push(...sayFailed(context, volume.pods, () => failing.message));
      else enqueueAt = earliest(enqueueAt, failing.since);
    } else mutations.push(...attach(context, node, { name, volume }));
  }
  const releasedAt = releaseOf(node);
  for (const [name, attachment] of attachments) {
    if (wanted.has(name) || !isStaying(attachment)) continue;
    if (releasedAt <= context.now) mutations.push(deletionOf(RESOURCE, attachment));
    else {
      enqueueAt = earliest(enqueueAt, releasedAt);
      const { driver, handle } = csiVolumeOf(context.state.get('persistentvolumes', undefined, attachment.spec.source.persistentVolumeName!)!)!;
      const uniqueName = `kubernetes.io/csi/${driver}^${handle}`;
      inUse.add(uniqueName);
      if (attachment.status?.attached) attached.add(uniqueName);
    }
  }
  const { volumesAttached: _, volumesInUse: _i, ...status } = node.status ?? {};
  mutations.push(
    ...statusUpdate('nodes', node, {
      ...status,
      ...(attached.size > 0 && { volumesAttached: [...attached].sort().map((name) => ({ name, devicePath: '' })) }),
      ...(inUse.size > 0 && { volumesInUse: [...inUse].sort() }),
    }),
    ...recorder.mutations(),
  );
  return { mutations, ...(enqueueAt !== undefined && { enqueueAt }) };
}

/** The message of an Event, with the blank that Kubernetes leaves before what does not follow (operation_executor.go, generateVolumeMsg). */
const messageOf = (prefix: string, { volume }: AttachableVolume, suffix: string) => `${prefix} for volume "${volume.metadata.name}" ${suffix}`;

function attach(context: Context, node: Node, { name, volume }: { name: string; volume: Wanted }): Mutation[] {
  const { state } = context;
  const elsewhere = isForManyNodes(volume) ? [] : state.by(attachmentsByVolume, volume.volume.metadata.name).filter(({ metadata }) => metadata.name !== name);
  if (elsewhere.length > 0) {
    const others = usersOn(new Set(elsewhere.map(({ spec }) => spec.nodeName)), volume, state);
    return sayFailed(context, volume.pods, (pod) => messageOf('Multi-Attach error', volume, multiAttachReason(pod, others)));
  }
  // Another node has just asked for it: what became of that is looked at next.
  const asked = keyOf(RESOURCE, undefined, volume.volume.metadata.name);
  if (!isForManyNodes(volume) && context.assumed.has(asked)) return [];
  context.assumed.add(asked);
  return [
    creation(RESOURCE, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name },
      spec: { attacher: volume.driver, nodeName: node.metadata.name, source: { persistentVolumeName: volume.volume.metadata.name } },
    }),
  ];
}

/** Several nodes may have a volume that says so, and one that says nothing (pkg/volume/util, IsMultiAttachAllowed). */
const isForManyNodes = ({ volume: { spec } }: AttachableVolume): boolean =>
  !spec?.accessModes?.length || spec.accessModes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany');

function usersOn(nodes: ReadonlySet<string>, { volume }: AttachableVolume, state: State): Pod[] {
  const { namespace, name } = volume.spec!.claimRef!;
  return state.by(podsByClaim, `${namespace}/${name}`).filter(({ spec }) => nodes.has(spec!.nodeName!));
}

/** reportMultiAttachError: pods of other namespaces are counted, not named. */
function multiAttachReason({ metadata: { namespace } }: Pod, users: readonly Pod[]): string {
  const local = users.filter((user) => user.metadata.namespace === namespace).map(({ metadata }) => metadata.name);
  const others = users.length - local.length;
  if (users.length === 0) return "Volume is already exclusively attached to one node and can't be attached to another";
  if (local.length === 0) return `Volume is already used by ${others} pod(s) in different namespaces`;
  return `Volume is already used by pod(s) ${local.join(', ')}${others > 0 ? ` and ${others} pod(s) in different namespaces` : ''}`;
}

/** Why a volume is not attached yet, and since when that is to be told. */
function failureOf({ metadata, spec, status }: VolumeAttachment, volume: AttachableVolume): { since: ClusterInstant; message: string } {
  const prefix = `AttachVolume.Attach failed for volume "${volume.volume.metadata.name}" : `;
  if (status?.attachError) return { since: clusterInstant(0), message: `${prefix}${status.attachError.message ?? ''}` };
  return {
    since: clusterInstant(Date.parse(metadata.creationTimestamp!) + ATTACH_TIMEOUT_MS),
    message: `${prefix}timed out waiting for external-attacher of ${spec.attacher} CSI driver to attach volume ${volume.handle}`,
  };
}

const sayFailed = (context: Context, pods: readonly Pod[], messageFor: (pod: Pod) => string): Mutation[] =>
  pods.flatMap((regarding) => sayOnce(context, { regarding, component: COMPONENT, says: [['Warning', 'FailedAttachVolume', messageFor(regarding)]] }));

/** When a node's volumes that no pod uses may be taken from it: at once, unless its kubelet cannot say that it has let them go. */
function releaseOf({ spec, status }: Node): ClusterInstant {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const isHeld = ready && ready.status !== 'True' && !spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE);
  return clusterInstant(isHeld ? Date.parse(ready.lastTransitionTime ?? '') + MAX_WAIT_MS : 0);
}

const nodesNamed = ({ spec }: Pod): string[] => (spec?.nodeName ? [spec.nodeName] : []);

const nodesOf = (pod: Pod): Key[] => nodesNamed(pod).map((name) => keyOf('nodes', undefined, name));

/** A claim that gets its volume has it attached where its pods are. */
function nodesOfClaim({ object: claim, previous }: Change<PersistentVolumeClaim>, state: State): Key[] {
  if (previous && previous.status?.phase === claim.status?.phase) return [];
  return usersKeys(claim.metadata.namespace, claim.metadata.name, state);
}

/** What is attached to one node is not to be had on another, and what is detached from it is. */
function nodesOfAttachment({ type, object: { spec } }: Change<VolumeAttachment>, state: State): Key[] {
  const own = keyOf('nodes', undefined, spec.nodeName);
  const volume = type !== 'MODIFIED' ? state.get('persistentvolumes', undefined, spec.source.persistentVolumeName ?? '') : undefined;
  const { namespace, name = '' } = volume?.spec?.claimRef ?? {};
  return [own, ...usersKeys(namespace, name, state)];
}

const usersKeys = (namespace: string | undefined, name: string, state: State): Key[] => state.by(podsByClaim, `${namespace}/${name}`).flatMap(nodesOf);
