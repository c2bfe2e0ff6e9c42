import { isAttached, isInstalled } from '../../apis/storage/attachable-volumes.ts';
import { csiVolumeOf, driverNamed } from '../../apis/storage/drivers/registry.ts';
import { type Key, keyOf, timestamp } from '../../kube/object.ts';
import type { PersistentVolume, VolumeAttachment } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import { type Controller, type ControllerContext, type ControllerResult, nothing } from '../controller.ts';
import { hasFinalizer, withFinalizer, withoutFinalizer } from '../shared/finalizers.ts';
import { statusUpdate, updateTo } from '../shared/mutations.ts';
import { attachmentsByNode, attachmentsByVolume } from './attachments.ts';
import { DRIVER_USER } from './driver-user.ts';

const RESOURCE = 'volumeattachments.storage.k8s.io';
const NODE_ID = 'csi.alpha.kubernetes.io/node-id';

/** Attaches and detaches volumes as a VolumeAttachment says (kubernetes-csi/external-attacher). */
export const volumeAttacher: Controller<VolumeAttachment> = {
  name: 'csi-attacher',
  actor: DRIVER_USER,
  resource: RESOURCE,
  watches: { 'csinodes.storage.k8s.io': ({ object }, state) => state.keys(attachmentsByNode, object.metadata.name) },
  reconcile(context) {
    const { object: attachment, state } = context;
    if (!attachment || !isInstalled(attachment.spec.attacher, state) || !isAttached(attachment.spec.attacher, state)) return nothing;
    const finalizer = finalizerOf(attachment.spec.attacher);
    if (!attachment.metadata.deletionTimestamp) return attachment.status?.attached ? nothing : attach(context, attachment);
    return hasFinalizer(attachment, finalizer) ? { mutations: [updateTo(RESOURCE, withoutFinalizer(attachment, finalizer))] } : nothing;
  },
};

/** A volume that is being deleted stays until it is attached nowhere. */
export const attachedVolumeProtection: Controller<PersistentVolume> = {
  name: 'csi-attacher-volumes',
  actor: DRIVER_USER,
  resource: 'persistentvolumes',
  watches: { [RESOURCE]: ({ type, object }: Change<VolumeAttachment>) => (type === 'DELETED' ? volumeKeys(object) : []) },
  reconcile({ object: volume, state }) {
    const csi = volume?.metadata.deletionTimestamp ? csiVolumeOf(volume) : undefined;
    if (!csi) return nothing;
    if (state.keys(attachmentsByVolume, volume!.metadata.name).length > 0) return nothing;
    const finalizer = finalizerOf(csi.driver);
    return hasFinalizer(volume!, finalizer) ? { mutations: [updateTo('persistentvolumes', withoutFinalizer(volume!, finalizer))] } : nothing;
  },
};

const volumeKeys = ({ spec }: VolumeAttachment): Key[] =>
  spec.source.persistentVolumeName ? [keyOf('persistentvolumes', undefined, spec.source.persistentVolumeName)] : [];

/** `external-attacher/ebs-csi-aws-com` */
const finalizerOf = (driver: string): string => `external-attacher/${driver.replace(/[^a-zA-Z0-9-]/g, '-')}`;

function attach(context: ControllerContext<VolumeAttachment>, attachment: VolumeAttachment): ControllerResult {
  const { state, now } = context;
  const { attacher, nodeName, source } = attachment.spec;
  const volume = state.get('persistentvolumes', undefined, source.persistentVolumeName ?? '');
  if (!volume || csiVolumeOf(volume)?.driver !== attacher) return nothing;
  const onNode = state.get('csinodes.storage.k8s.io', undefined, nodeName)?.spec.drivers.find(({ name }) => name === attacher);
  if (driverNamed(attacher) && !onNode) {
    const message = `node "${nodeName}" has no NodeID annotation`;
    if (attachment.status?.attachError?.message === message) return nothing;
    return { mutations: statusUpdate(RESOURCE, attachment, { attached: false, attachError: { message, time: timestamp(now) } }) };
  }
  const finalizer = finalizerOf(attacher);
  const held = withFinalizer(attachment, finalizer);
  const annotated = onNode ? { ...held, metadata: { ...held.metadata, annotations: { ...held.metadata.annotations, [NODE_ID]: onNode.nodeID } } } : held;
  const devicePath = devicePathFor(attachment, context);
  return {
    mutations: [
      ...(hasFinalizer(volume, finalizer) ? [] : [updateTo('persistentvolumes', withFinalizer(volume, finalizer))]),
      updateTo(RESOURCE, annotated),
      ...statusUpdate(RESOURCE, annotated, { attached: true, ...(devicePath && { attachmentMetadata: { devicePath } }) }),
    ],
  };
}

/** The first name that no other volume of the node has, or has just been given. */
function devicePathFor({ spec }: VolumeAttachment, { state, assumed }: ControllerContext<VolumeAttachment>): string | undefined {
  const { devicePath } = driverNamed(spec.attacher) ?? {};
  if (!devicePath) return undefined;
  const taken = new Set(state.by(attachmentsByNode, spec.nodeName).map(({ status }) => status?.attachmentMetadata?.['devicePath']));
  for (let i = 0; ; i++) {
    const device = `${spec.nodeName}${devicePath(i)}`;
    if (taken.has(devicePath(i)) || assumed.has(device)) continue;
    assumed.add(device);
    return devicePath(i);
  }
}
