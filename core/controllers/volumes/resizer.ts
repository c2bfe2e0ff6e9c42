import { podsByClaim } from '../../apis/core/pods-by-claim.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { csiVolumeOf, driverNamed, successorOf } from '../../apis/storage/drivers/registry.ts';
import { timestamp } from '../../kube/object.ts';
import { compareQuantities, formatQuantity, value } from '../../kube/quantity.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimStatus } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Controller, type ControllerContext, nothing } from '../controller.ts';
import { statusUpdate, updateTo } from '../shared/mutations.ts';
import { claimKeysOf } from './claims-in-use.ts';
import { DRIVER_USER } from './driver-user.ts';
import { sayOnce } from './said-once.ts';

type Context = ControllerContext<PersistentVolumeClaim>;

const RESIZER = 'volume.kubernetes.io/storage-resizer';

/** Tells of the growth of a claim that a driver sees to (pkg/controller/volume/expand). That its class allows it was checked when the claim was changed. */
export const volumeExpander: Controller<PersistentVolumeClaim> = {
  name: 'expand-controller',
  resource: 'persistentvolumeclaims',
  reconcile(context) {
    const { object: claim, state } = context;
    const volume = claim && growing(claim, state);
    if (!volume) return nothing;
    const plugin = volume.spec?.awsElasticBlockStore && 'kubernetes.io/aws-ebs';
    const say = (message: string) => sayOnce(context, { regarding: claim, component: 'volume_expand', says: [['Normal', 'ExternalExpanding', message]] });
    if (!plugin) return { mutations: say('waiting for an external controller to expand this PVC') };
    const annotations = { ...claim.metadata.annotations, [RESIZER]: successorOf(plugin)! };
    return {
      mutations: [
        ...say(`CSI migration enabled for ${plugin}; waiting for external resizer to expand the pvc`),
        ...statusUpdate('persistentvolumeclaims', claim, claim.status!, annotations),
      ],
    };
  },
};

/**
 * Gives a claim the larger size that it asks for, in the steps of kubernetes-csi/external-resizer (expand_and_recover.go) and of the kubelet, each of which the claim's
 * status shows: the volume grows first, then, once a pod uses it, the file system on it.
 */
export const volumeResizer: Controller<PersistentVolumeClaim> = {
  name: 'csi-resizer',
  actor: DRIVER_USER,
  resource: 'persistentvolumeclaims',
  watches: { pods: ({ object: pod, previous }) => (pod.status?.phase === 'Running' && previous?.status?.phase !== 'Running' ? claimKeysOf(pod) : []) },
  reconcile(context) {
    const { object: claim, state } = context;
    const volume = claim && growing(claim, state);
    const driver = volume && driverNamed(csiVolumeOf(volume)?.driver);
    if (!claim || !volume || !driver?.isExpandable) return nothing;
    const size = formatQuantity({ nanos: BigInt(driver.sizeOf(value(claim.spec!.resources!.requests!['storage']!))) * 1_000_000_000n, format: 'BinarySI' });
    return { mutations: nextStep(context, { claim, volume, size, component: `external-resizer ${driver.name}` }) };
  },
};

/** The volume of a claim that asks for more than it has. */
function growing({ metadata, spec, status }: PersistentVolumeClaim, state: State): PersistentVolume | undefined {
  const [wanted, has] = [spec?.resources?.requests?.['storage'], status?.capacity?.['storage']];
  if (status?.phase !== 'Bound' || !wanted || !has || compareQuantities(wanted, has) <= 0) return undefined;
  const volume = state.get('persistentvolumes', undefined, spec!.volumeName ?? '');
  return volume?.spec?.claimRef?.uid === metadata.uid ? volume : undefined;
}

interface Growth {
  readonly claim: PersistentVolumeClaim;
  readonly volume: PersistentVolume;
  /** What the volume is to have. */
  readonly size: string;
  readonly component: string;
}

function nextStep(context: Context, growth: Growth): Mutation[] {
  const { claim, volume, size } = growth;
  switch (claim.status!.allocatedResourceStatuses?.['storage']) {
    case 'NodeResizePending':
    case 'NodeResizeInProgress':
      // What was asked for meanwhile comes when that is done.
      return compareQuantities(volume.spec!.capacity!['storage']!, claim.status!.capacity!['storage']!) > 0 ? onNode(context, growth) : begin(context, growth);
    case 'ControllerResizeInProgress':
      return compareQuantities(claim.status!.allocatedResources?.['storage'] ?? '0', size) === 0 ? resized(context, growth) : begin(context, growth);
    default:
      return begin(context, growth);
  }
}

function begin(context: Context, { claim, volume, size, component }: Growth): Mutation[] {
  const recorder = new EventRecorder({ state: context.state, component, now: context.now, env: context.env });
  recorder.normal(claim, 'Resizing', `External resizer is resizing volume ${volume.metadata.name}`);
  const status: PersistentVolumeClaimStatus = {
    ...claim.status,
    allocatedResources: { ...claim.status!.allocatedResources, storage: size },
    allocatedResourceStatuses: { ...claim.status!.allocatedResourceStatuses, storage: 'ControllerResizeInProgress' },
    conditions: withResizeCondition(context, claim, { type: 'Resizing' }),
  };
  return [...statusUpdate('persistentvolumeclaims', claim, status), ...recorder.mutations()];
}

/** The volume has grown. A block device is done with that; on another one, the file system is to grow yet. */
function resized(context: Context, { claim, volume, size, component }: Growth): Mutation[] {
  const grown = updateTo('persistentvolumes', { ...volume, spec: { ...volume.spec, capacity: { ...volume.spec!.capacity, storage: size } } });
  const recorder = new EventRecorder({ state: context.state, component, now: context.now, env: context.env });
  if (volume.spec!.volumeMode === 'Block') {
    recorder.normal(claim, 'VolumeResizeSuccessful', 'Resize volume succeeded');
    return [grown, ...statusUpdate('persistentvolumeclaims', claim, finished(claim, size)), ...recorder.mutations()];
  }
  recorder.normal(claim, 'FileSystemResizeRequired', 'Require file system resize of volume on node');
  const pending = {
    type: 'FileSystemResizePending',
    message: 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.',
  };
  const status: PersistentVolumeClaimStatus = {
    ...claim.status,
    allocatedResourceStatuses: { ...claim.status!.allocatedResourceStatuses, storage: 'NodeResizePending' },
    conditions: withResizeCondition(context, claim, pending),
  };
  return [grown, ...statusUpdate('persistentvolumeclaims', claim, status), ...recorder.mutations()];
}

/** The kubelet of a node where a pod has the volume lets the file system grow (pkg/volume/util/operationexecutor, node_expander.go). */
function onNode(context: Context, { claim, volume }: Growth): Mutation[] {
  const { namespace, name } = claim.metadata;
  const pod = context.state.by(podsByClaim, `${namespace}/${name}`).find(({ status }) => status?.phase === 'Running');
  if (!pod) return [];
  const host = pod.spec!.nodeName!;
  const recorder = new EventRecorder({ state: context.state, component: 'kubelet', host, now: context.now, env: context.env });
  const message = `MountVolume.NodeExpandVolume succeeded for volume "${volume.metadata.name}" ${host}`;
  for (const object of [pod, claim]) recorder.normal(object, 'FileSystemResizeSuccessful', message);
  return [...statusUpdate('persistentvolumeclaims', claim, finished(claim, volume.spec!.capacity!['storage']!)), ...recorder.mutations()];
}

function finished({ status }: PersistentVolumeClaim, storage: string): PersistentVolumeClaimStatus {
  const { allocatedResourceStatuses: { storage: _, ...statuses } = {}, conditions = [], ...rest } = status!;
  const others = conditions.filter(({ type }) => !RESIZE_CONDITIONS.has(type));
  return {
    ...rest,
    capacity: { ...status!.capacity, storage },
    ...(Object.keys(statuses).length > 0 && { allocatedResourceStatuses: statuses }),
    ...(others.length > 0 && { conditions: others }),
  };
}

/** At most one of these is there (MergeResizeConditionsOfPVC). */
const RESIZE_CONDITIONS = new Set(['Resizing', 'FileSystemResizePending', 'ControllerResizeError', 'NodeResizeError']);

const withResizeCondition = ({ now }: Context, { status }: PersistentVolumeClaim, condition: { type: string; message?: string }) => [
  ...(status?.conditions ?? []).filter(({ type }) => !RESIZE_CONDITIONS.has(type)),
  { ...condition, status: 'True', lastTransitionTime: timestamp(now) },
];
