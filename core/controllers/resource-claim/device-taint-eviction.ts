import { claimNamedBy, isMadeFor, isReservedFor } from '../../apis/core/pod-resource-claim-names.ts';
import { type ClusterInstant, clusterInstant } from '../../instant.ts';
import { type Key, keyOf, parseKey, same } from '../../kube/object.ts';
import { controllerUser } from '../../kube/user.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type {
  DeviceRequestAllocationResult,
  DeviceTaint,
  DeviceToleration,
  Pod,
  ResourceResourceClaim as ResourceClaim,
  ResourceSlice,
} from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';
import { evicted } from '../shared/evicted.ts';

const NAME = 'device-taint-eviction-controller';
const CLAIMS = 'resourceclaims.resource.k8s.io';
const SLICES = 'resourceslices.resource.k8s.io';

/** Deletes pods that have a device with a NoExecute taint which their claim does not tolerate, or no longer (pkg/controller/devicetainteviction). */
export const deviceTaintEviction: Controller<Pod> = {
  name: NAME,
  resource: 'pods',
  watches: {
    [CLAIMS]: ({ object }) => (object.status?.allocation ? consumersOf(object) : []),
    [SLICES]: ({ type, object, previous }, state) =>
      same(evictingIn(previous), type === 'DELETED' ? [] : evictingIn(object)) ? [] : podsWithDevicesOf(object, state),
  },
  reconcile(context) {
    const { object: pod, state, now } = context;
    if (!pod?.spec?.resourceClaims?.length || !pod.spec.nodeName || pod.metadata.deletionTimestamp) return nothing;
    const at = evictionTime(pod, state, (result) => evictingOf(result, state));
    if (at === undefined) return nothing;
    if (at > now) return { mutations: [], enqueueAt: at };
    return evicted(context, pod, {
      component: NAME,
      event: { reason: 'DeviceTaintManagerEviction', message: 'Marking for deletion' },
      condition: { reason: 'DeletionByDeviceTaintManager', message: 'Device Taint manager: deleting due to NoExecute taint' },
    });
  },
};

/** Tells of pods that were to go and may stay, as their devices are not tainted any more. That is told once, so that what has happened is the primary. */
export const cancelledDeviceEvictions: Controller = {
  name: 'cancelled-device-evictions',
  actor: controllerUser(NAME),
  watches: {
    [SLICES]: ({ type, time, object, previous }, state): readonly Key[] => {
      if (!previous || same(evictingIn(previous), type === 'DELETED' ? [] : evictingIn(object))) return [];
      const before = (result: DeviceRequestAllocationResult) => (isOfPool(result, previous) ? noExecute(previous, result) : evictingOf(result, state));
      const waited = (pod: Pod) => (evictionTime(pod, state, before) ?? 0) > time;
      const mayStay = (pod: Pod) => evictionTime(pod, state, (result) => evictingOf(result, state)) === undefined;
      return podsWithDevicesOf(object, state).flatMap((key) => {
        const { namespace, name } = parseKey(key);
        const pod = state.get('pods', namespace, name);
        return pod && !pod.metadata.deletionTimestamp && waited(pod) && mayStay(pod) ? [keyOf('pods-spared-devices', namespace, name)] : [];
      });
    },
  },
  primaries: () => [],
  reconcile({ key, state, now, env }) {
    const { namespace, name } = parseKey(key);
    const pod = state.get('pods', namespace, name);
    if (!pod) return nothing;
    const recorder = new EventRecorder({ state, component: NAME, now, env });
    recorder.normal(pod, 'DeviceTaintManagerEviction', 'Cancelling deletion');
    return { mutations: recorder.mutations() };
  },
};

/** The taints by which pods have to go, of the devices of a slice that have any. */
const evictingIn = (slice: ResourceSlice | undefined): readonly unknown[] =>
  (slice?.spec.devices ?? []).flatMap(({ name, taints = [] }) => {
    const evicting = taints.filter(isNoExecute);
    return evicting.length > 0 ? [[name, evicting]] : [];
  });

const isNoExecute = ({ effect }: DeviceTaint): boolean => effect === 'NoExecute';

const poolOf = ({ driver, pool }: Pick<DeviceRequestAllocationResult, 'driver' | 'pool'>): string => `${driver}/${pool}`;
const poolOfSlice = ({ spec: { driver, pool } }: ResourceSlice): string => poolOf({ driver, pool: pool.name });
const isOfPool = (result: DeviceRequestAllocationResult, slice: ResourceSlice): boolean => poolOf(result) === poolOfSlice(slice);

const slicesByPool = index([SLICES], (_key, slice) => [poolOfSlice(slice)]);
const claimsByPool = index([CLAIMS], (_key, { status }) => [...new Set((status?.allocation?.devices?.results ?? []).map(poolOf))]);

const podsWithDevicesOf = (slice: ResourceSlice, state: State): Key[] => state.by(claimsByPool, poolOfSlice(slice)).flatMap(consumersOf);

/** The pods for which a claim is reserved. */
const consumersOf = ({ metadata, status }: ResourceClaim): Key[] =>
  (status?.reservedFor ?? []).flatMap(({ apiGroup, resource, name }) => (!apiGroup && resource === 'pods' ? [keyOf('pods', metadata.namespace, name)] : []));

/** By which taints the pod of a device has to go, as the newest generation of its pool has it. */
function evictingOf(result: DeviceRequestAllocationResult, state: State): readonly DeviceTaint[] {
  const slices = state.by(slicesByPool, poolOf(result));
  const newest = Math.max(...slices.map(({ spec }) => spec.pool.generation));
  return slices.filter(({ spec }) => spec.pool.generation === newest).flatMap((slice) => noExecute(slice, result));
}

const noExecute = ({ spec }: ResourceSlice, { device }: DeviceRequestAllocationResult): readonly DeviceTaint[] =>
  spec.devices?.find(({ name }) => name === device)?.taints?.filter(isNoExecute) ?? [];

/** When a pod has to go, by the taints of the devices that are reserved for it; undefined when it may stay. */
function evictionTime(pod: Pod, state: State, taintsOf: (result: DeviceRequestAllocationResult) => readonly DeviceTaint[]): ClusterInstant | undefined {
  const times = claimsOf(pod, state).flatMap(({ status }) =>
    (status?.allocation?.devices?.results ?? []).flatMap((result) => taintsOf(result).map((taint) => toleratedUntil(taint, result.tolerations))),
  );
  const first = Math.min(...times);
  return first === Number.POSITIVE_INFINITY ? undefined : clusterInstant(first);
}

function claimsOf(pod: Pod, state: State): ResourceClaim[] {
  return (pod.spec!.resourceClaims ?? []).flatMap((entry) => {
    const named = claimNamedBy(pod, entry);
    const claim = named.type === 'named' ? state.get(CLAIMS, pod.metadata.namespace, named.name) : undefined;
    if (!claim || named.type !== 'named' || (named.isGenerated && !isMadeFor(claim, pod)) || !isReservedFor(claim, pod)) return [];
    return [claim];
  });
}

/** Infinity when a toleration says nothing of a time; the shortest time that one says. */
function toleratedUntil(taint: DeviceTaint, tolerations: readonly DeviceToleration[] = []): number {
  const added = Date.parse(taint.timeAdded!);
  const matching = tolerations.filter((toleration) => toleration.effect === 'NoExecute' && tolerates(toleration, taint));
  if (matching.length === 0) return added;
  if (matching.some(({ tolerationSeconds }) => tolerationSeconds === undefined)) return Number.POSITIVE_INFINITY;
  return added + Math.min(...matching.map(({ tolerationSeconds }) => Math.max(0, Number(tolerationSeconds)))) * 1000;
}

/** resourceclaim.ToleratesTaint, of a taint with the toleration's effect. */
const tolerates = ({ key, operator = 'Equal', value = '' }: DeviceToleration, taint: DeviceTaint): boolean =>
  (!key || key === taint.key) && (operator === 'Exists' || (operator === 'Equal' && value === (taint.value ?? '')));
