import { apisOf } from '../../apis/apis.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { csiVolumeOf, driverNamed } from '../../apis/storage/drivers/registry.ts';
import { type GroupResource, type KubeObject, timestamp } from '../../kube/object.ts';
import { value } from '../../kube/quantity.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { PersistentVolume } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { type Controller, type ControllerContext, nothing } from '../controller.ts';
import { hasFinalizer, withFinalizer, withoutFinalizer } from '../shared/finalizers.ts';
import { deletionOf, updateTo } from '../shared/mutations.ts';
import { DRIVER_USER } from './driver-user.ts';

export const SNAPSHOTS = 'volumesnapshots.snapshot.storage.k8s.io';
const CONTENTS = 'volumesnapshotcontents.snapshot.storage.k8s.io';
const CLASSES = 'volumesnapshotclasses.snapshot.storage.k8s.io';
const BOUND = 'snapshot.storage.kubernetes.io/volumesnapshot-bound-protection';
const CONTENT_BOUND = 'snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection';
const DEFAULT_CLASS = 'snapshot.storage.kubernetes.io/is-default-class';

/** As far as it is read here of the definitions that a user installs. */
export interface VolumeSnapshot extends KubeObject {
  readonly spec?: {
    readonly source?: { readonly persistentVolumeClaimName?: string; readonly volumeSnapshotContentName?: string };
    readonly volumeSnapshotClassName?: string;
  };
  readonly status?: {
    readonly boundVolumeSnapshotContentName?: string;
    readonly readyToUse?: boolean;
    readonly restoreSize?: string;
    readonly creationTime?: string;
    readonly error?: { readonly message?: string };
  };
}

interface VolumeSnapshotClass extends KubeObject {
  readonly driver: string;
  readonly deletionPolicy: string;
}

/** Takes snapshots of volumes, where a cluster has the definitions of those (kubernetes-csi/external-snapshotter). */
export const volumeSnapshots: Controller<VolumeSnapshot> = {
  name: 'snapshot-controller',
  actor: DRIVER_USER,
  resource: SNAPSHOTS,
  watches: {
    persistentvolumeclaims: ({ object }, state) => state.keys(waitingSnapshots, `${object.metadata.namespace}/${object.metadata.name}`),
    'customresourcedefinitions.apiextensions.k8s.io': ({ object }, state) => (object.metadata.name === CONTENTS ? state.keys(waitingSnapshots, '') : []),
    '*': ({ key }, state) => (key.startsWith(`${CLASSES}/`) ? state.keys(waitingSnapshots, '') : []),
  },
  reconcile(context) {
    const { object: snapshot } = context;
    if (!snapshot) return nothing;
    if (snapshot.metadata.deletionTimestamp) return { mutations: release(context, snapshot) };
    return { mutations: snapshot.status?.readyToUse ? [] : take(context, snapshot) };
  },
};

/** Those that are not taken yet, all of them and by their claim. */
const waitingSnapshots = index([SNAPSHOTS], (_key, object) => {
  const { metadata, spec, status } = object as VolumeSnapshot;
  return status?.readyToUse ? [] : ['', `${metadata.namespace}/${spec?.source?.persistentVolumeClaimName}`];
});

const contentName = ({ metadata }: KubeObject): string => `snapcontent-${metadata.uid}`;

function take(context: ControllerContext<VolumeSnapshot>, snapshot: VolumeSnapshot): Mutation[] {
  const { state, now, env } = context;
  const { namespace, name } = snapshot.metadata;
  const recorder = new EventRecorder({ state, component: 'snapshot-controller', now, env });
  const source = sourceOf(snapshot, state);
  if (source.type === 'waiting') return [];
  if (source.type === 'impossible') {
    const error = { message: source.why, time: timestamp(now) };
    if (snapshot.status?.error?.message === source.why) return [];
    recorder.warning(snapshot, source.reason, source.why);
    return [statusOf(snapshot, { readyToUse: false, error }), ...recorder.mutations()];
  }
  const { volume, snapshotClass, driver, handle } = source;
  const ready = {
    boundVolumeSnapshotContentName: contentName(snapshot),
    creationTime: timestamp(now),
    readyToUse: true,
    restoreSize: volume.spec!.capacity!['storage']!,
  };
  const content = {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotContent',
    metadata: { name: contentName(snapshot), finalizers: [CONTENT_BOUND] },
    spec: {
      deletionPolicy: snapshotClass.deletionPolicy,
      driver,
      source: { volumeHandle: handle },
      sourceVolumeMode: volume.spec!.volumeMode ?? 'Filesystem',
      volumeSnapshotClassName: snapshotClass.metadata.name,
      volumeSnapshotRef: { apiVersion: snapshot.apiVersion, kind: snapshot.kind, name, namespace, uid: snapshot.metadata.uid },
    },
  };
  const taken = {
    creationTime: now * 1_000_000,
    readyToUse: true,
    restoreSize: value(ready.restoreSize),
    snapshotHandle: `snap-0${snapshot.metadata.uid!.replaceAll('-', '').slice(0, 16)}`,
  };
  recorder.normal(snapshot, 'CreatingSnapshot', `Waiting for a snapshot ${namespace}/${name} to be created by the CSI driver.`);
  recorder.normal(snapshot, 'SnapshotCreated', `Snapshot ${namespace}/${name} was successfully created by the CSI driver.`);
  recorder.normal(snapshot, 'SnapshotReady', `Snapshot ${namespace}/${name} is ready to use.`);
  const held = { ...withFinalizer(snapshot, BOUND), spec: { ...snapshot.spec, volumeSnapshotClassName: snapshotClass.metadata.name } };
  return [
    ...(state.get(CONTENTS, undefined, content.metadata.name) ? [] : [{ type: 'create', resource: CONTENTS, object: content as KubeObject } as Mutation]),
    statusOf(content as KubeObject, taken, CONTENTS),
    updateTo(SNAPSHOTS, held),
    statusOf(held, ready),
    ...recorder.mutations(),
  ];
}

const statusOf = (object: KubeObject, status: object, resource: GroupResource = SNAPSHOTS): Mutation => ({
  ...updateTo<GroupResource, KubeObject>(resource, { ...object, status } as KubeObject),
  subresource: 'status',
});

type Source =
  | { readonly type: 'waiting' }
  | { readonly type: 'impossible'; readonly reason: string; readonly why: string }
  | {
      readonly type: 'found';
      readonly volume: PersistentVolume;
      readonly snapshotClass: VolumeSnapshotClass;
      readonly driver: string;
      readonly handle: string;
    };

/** The volume that a snapshot is to be of, and by which class; a content that a user has made is the user's. */
function sourceOf({ metadata, spec }: VolumeSnapshot, state: State): Source {
  const claimName = spec?.source?.persistentVolumeClaimName;
  // The definitions of snapshots and of their contents may come one after the other.
  if (claimName === undefined || !apisOf(state).resource(CONTENTS)) return { type: 'waiting' };
  const claim = state.get('persistentvolumeclaims', metadata.namespace, claimName);
  const failed = (why: string): Source => ({
    type: 'impossible',
    reason: 'SnapshotContentCreationFailed',
    why: `Failed to create snapshot content with error ${why}`,
  });
  if (!claim) return failed(`snapshot controller failed to update ${metadata.name} on API server: cannot get claim from snapshot`);
  const volume = claim.status?.phase === 'Bound' ? state.get('persistentvolumes', undefined, claim.spec?.volumeName ?? '') : undefined;
  if (!volume) return failed(`the PVC ${claimName} is not yet bound to a PV, will not attempt to take a snapshot`);
  const csi = csiVolumeOf(volume);
  const all = state.list(CLASSES as GroupResource) as unknown as readonly VolumeSnapshotClass[];
  const snapshotClass = spec?.volumeSnapshotClassName
    ? all.find((each) => each.metadata.name === spec.volumeSnapshotClassName)
    : all.find((each) => each.metadata.annotations?.[DEFAULT_CLASS] === 'true' && each.driver === csi?.driver);
  if (!snapshotClass) {
    const name = spec?.volumeSnapshotClassName;
    return name
      ? failed(`failed to get input parameters to create snapshot ${metadata.name}: "volumesnapshotclass.snapshot.storage.k8s.io \\"${name}\\" not found"`)
      : {
          type: 'impossible',
          reason: 'SetDefaultSnapshotClassFailed',
          why: 'Failed to set default snapshot class with error cannot find default snapshot class',
        };
  }
  if (!csi || !driverNamed(csi.driver) || csi.driver !== snapshotClass.driver) return { type: 'waiting' };
  return { type: 'found', volume, snapshotClass, driver: csi.driver, handle: csi.handle };
}

/** The content goes with the snapshot, unless it is to be retained. */
function release({ state }: ControllerContext<VolumeSnapshot>, snapshot: VolumeSnapshot): Mutation[] {
  if (!hasFinalizer(snapshot, BOUND)) return [];
  const content = state.get(CONTENTS as GroupResource, undefined, contentName(snapshot));
  const policy = (content as { spec?: { deletionPolicy?: string } } | undefined)?.spec?.deletionPolicy;
  return [
    ...(content && policy === 'Delete' ? [updateTo(CONTENTS, withoutFinalizer(content, CONTENT_BOUND)), deletionOf(CONTENTS, content)] : []),
    updateTo(SNAPSHOTS, withoutFinalizer(snapshot, BOUND)),
  ];
}
