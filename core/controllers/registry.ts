import type { ControlPlaneKeys } from '../auth/control-plane-keys.ts';
import { type ClusterInstant, plus } from '../instant.ts';
import { type GroupResource, type Key, type KubeObject, keyOf, parseKey } from '../kube/object.ts';
import { controllerUser } from '../kube/user.ts';
import type { Attributed, Pass, PassResult, Reconciler } from '../reconcile/reconciler.ts';
import type { Change } from '../state/change.ts';
import type { State } from '../state/state.ts';
import { policyStatusController } from './admission-policies/policy-status.ts';
import { csrApproving } from './certificates/approving.ts';
import { csrCleaner } from './certificates/cleaner.ts';
import { csrSigning } from './certificates/signing.ts';
import { clusterRoleAggregation } from './clusterrole-aggregation/clusterrole-aggregation.ts';
import { apiServiceController } from './control-plane/api-services.ts';
import { authenticationTrustController } from './control-plane/authentication-trust.ts';
import { bootstrapPolicyController } from './control-plane/bootstrap-policy.ts';
import { defaultServiceCIDRController } from './control-plane/default-service-cidr.ts';
import { flowSchemaController } from './control-plane/flow-schemas.ts';
import { kubernetesServiceController } from './control-plane/kubernetes-service.ts';
import { systemNamespaceController } from './control-plane/system-namespaces.ts';
import type { Controller, Watch } from './controller.ts';
import { cronJobController } from './cronjob/cronjob.ts';
import { customResourceDefinitionController } from './customresourcedefinition/customresourcedefinition.ts';
import { daemonSetController } from './daemonset/daemonset.ts';
import { deploymentController } from './deployment/deployment.ts';
import { disruptionController } from './disruption/disruption.ts';
import { endpointSliceMirroringController } from './endpoints/endpoint-slice-mirroring.ts';
import { endpointSliceController } from './endpoints/endpoint-slices.ts';
import { endpointsController } from './endpoints/endpoints.ts';
import { eventTtlController } from './event-ttl/event-ttl.ts';
import { EVENT_TTL, parseEventTtl } from './event-ttl/event-ttl-setting.ts';
import { garbageCollector } from './garbage-collector/garbage-collector.ts';
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler/horizontal-pod-autoscaler.ts';
import { jobController } from './job/job.ts';
import { ttlAfterFinishedController } from './job/ttl.ts';
import { cloudLoadBalancers } from './load-balancers/cloud-load-balancers.ts';
import { controllerIngresses } from './load-balancers/controller-ingresses.ts';
import { controllerServices } from './load-balancers/controller-services.ts';
import { targetHealth } from './load-balancers/target-health.ts';
import { namespaceController } from './namespace/namespace.ts';
import { rootCaPublisher, serviceAccountController } from './namespace/namespace-contents.ts';
import { nodeIpam } from './node-ipam/node-ipam.ts';
import { nodeComings } from './node-lifecycle/node-events.ts';
import { nodeEvictions } from './node-lifecycle/node-evictions.ts';
import { nodeHealth } from './node-lifecycle/node-health.ts';
import { nodeLabels } from './node-lifecycle/node-labels.ts';
import { nodeTaints } from './node-lifecycle/node-taints.ts';
import { podsOfLostNodes } from './node-lifecycle/pods-of-lost-nodes.ts';
import { cancelledEvictions, taintEviction } from './node-lifecycle/taint-eviction.ts';
import { orphanedPods } from './pod-garbage/orphaned-pods.ts';
import { terminatedPods } from './pod-garbage/terminated-pods.ts';
import { terminatingPods } from './pod-garbage/terminating-pods.ts';
import { replicaSetController, replicationController } from './replicaset/replicaset.ts';
import { claimRelease } from './resource-claim/claim-release.ts';
import { cancelledDeviceEvictions, deviceTaintEviction } from './resource-claim/device-taint-eviction.ts';
import { podClaims } from './resource-claim/pod-claims.ts';
import { resourceQuotaController } from './resource-quota/resource-quota.ts';
import { legacyTokenCleaner } from './service-account-tokens/legacy-token-cleaner.ts';
import { legacyTokenTracking } from './service-account-tokens/legacy-token-tracking.ts';
import { tokensController } from './service-account-tokens/tokens.ts';
import { ipAddressController } from './service-addresses/ip-addresses.ts';
import { serviceCIDRController } from './service-addresses/service-cidrs.ts';
import { earliest } from './shared/earliest.ts';
import { Refusals } from './shared/refusals.ts';
import { stageController, stageReader } from './stages/stages.ts';
import { statefulSetController } from './statefulset/statefulset.ts';
import { attachDetachController } from './volumes/attach-detach.ts';
import { attachedVolumeProtection, volumeAttacher } from './volumes/attacher.ts';
import { volumeBinder } from './volumes/binder.ts';
import { csiDriverController } from './volumes/csi-drivers.ts';
import { volumeDeleter } from './volumes/driver-deletion.ts';
import { ephemeralVolumeController } from './volumes/ephemeral.ts';
import { volumeModifier } from './volumes/modifier.ts';
import { attributesClassProtection, claimProtection, volumeProtection } from './volumes/protection.ts';
import { volumeProvisioner } from './volumes/provisioner.ts';
import { volumeReclaimer } from './volumes/reclaim.ts';
import { volumeExpander, volumeResizer } from './volumes/resizer.ts';
import { volumeSnapshots } from './volumes/volume-snapshots.ts';

interface ControllerSettings {
  /** How long an Event stays after its last write, as kube-apiserver's `--event-ttl`; 0: for ever. */
  readonly eventTtlMs: number;
}

/** The controllers of kube-controller-manager that Logplane has, those that run inside kube-apiserver, the sidecars of storage drivers, the cloud's load balancers, and what is left to etcd. */
export const controllersWith = ({ eventTtlMs }: ControllerSettings): readonly Controller[] => [
  deploymentController,
  replicaSetController,
  replicationController,
  statefulSetController,
  daemonSetController,
  jobController,
  cronJobController,
  ttlAfterFinishedController,
  namespaceController,
  customResourceDefinitionController,
  serviceAccountController,
  rootCaPublisher,
  tokensController,
  legacyTokenTracking,
  legacyTokenCleaner,
  endpointsController,
  endpointSliceController,
  endpointSliceMirroringController,
  cloudLoadBalancers,
  controllerServices,
  controllerIngresses,
  targetHealth,
  ephemeralVolumeController,
  volumeBinder,
  volumeReclaimer,
  volumeProvisioner,
  volumeDeleter,
  volumeExpander,
  volumeResizer,
  volumeModifier,
  volumeSnapshots,
  attachDetachController,
  volumeAttacher,
  attachedVolumeProtection,
  csiDriverController,
  claimProtection,
  volumeProtection,
  attributesClassProtection,
  nodeComings,
  nodeLabels,
  nodeIpam,
  nodeHealth,
  nodeTaints,
  nodeEvictions,
  podsOfLostNodes,
  taintEviction,
  cancelledEvictions,
  orphanedPods,
  terminatingPods,
  terminatedPods(),
  disruptionController,
  horizontalPodAutoscaler,
  resourceQuotaController,
  podClaims,
  claimRelease,
  deviceTaintEviction,
  cancelledDeviceEvictions,
  garbageCollector,
  csrApproving,
  csrSigning,
  csrCleaner,
  bootstrapPolicyController,
  clusterRoleAggregation,
  policyStatusController,
  apiServiceController,
  flowSchemaController,
  kubernetesServiceController,
  ipAddressController,
  serviceCIDRController,
  defaultServiceCIDRController,
  systemNamespaceController,
  authenticationTrustController,
  stageController,
  stageReader,
  // The last one: what the others record in the same round comes before it.
  eventTtlController(eventTtlMs),
];

/** The controllers with their default settings. */
export const controllers = controllersWith({ eventTtlMs: parseEventTtl(EVENT_TTL)! });

/**
 * The reconciler `controllers`: each pass maps what changed to primary objects and reconciles each of them once, for each controller that
 * it concerns. With nothing known (`changes: undefined`), it reconciles every primary of every controller. A primary whose mutation was
 * refused is reconciled again: at once when something else has changed meanwhile, and in any case after a minute. One with a mutation that
 * waits for an answer is left alone until then. One whose pod, ReplicaSet or Job was refused is told so, and says it at once.
 *
 * @param keysOf what the control plane of each cluster signs with; without it nothing is signed
 *
 * Its wake-up keys name the controller and the primary, since an object may be the primary of several controllers.
 */
export function controllersReconciler(list: readonly Controller[] = controllers, keysOf?: KeysOf): Reconciler {
  const senders = new WeakMap<Attributed, Key>();
  const refusals = new Refusals((mutation) => senders.get(mutation));
  const watchers = watchersOf(list);
  return { name: 'controllers', reconcile: (pass) => reconcile({ list, watchers, keysOf, senders, refusals }, pass) };
}

type KeysOf = (cluster: string) => ControlPlaneKeys;

interface Driven {
  readonly list: readonly Controller[];
  readonly watchers: Watchers;
  readonly keysOf: KeysOf | undefined;
  /** Under which wake-up key each mutation was wanted. */
  readonly senders: WeakMap<Attributed, Key>;
  readonly refusals: Refusals;
}

function reconcile({ list, watchers, keysOf, senders, refusals }: Driven, pass: Pass): PassResult {
  const { now, env, plugins, changes } = pass;
  const keys = pass.cluster === undefined ? undefined : keysOf?.(pass.cluster);
  // Where to look is no decision: what another writer changes of it leads to the same place in the next pass.
  const selected = pass.state.observed(undefined);
  const assumed = new Set<Key>();
  const refused = pass.failures.map(({ mutation }) => senders.get(mutation)).filter((key) => key !== undefined);
  const refusedNow = refusals.learn(pass);
  const held = new Set([...pass.waiting].map((mutation) => senders.get(mutation)));
  const again = enqueuedPrimaries([...pass.due, ...refusedNow, ...(changes?.length ? refused : [])]);
  const touched = changes && touchedPrimaries(watchers, changes, selected);

  const mutations: Attributed[] = [];
  const wakeups = new Map<Key, ClusterInstant | undefined>();
  for (const controller of list) {
    const enqueued = again.get(controller.name) ?? NONE;
    const concerned = touched ? (touched.get(controller) ?? NONE) : everyPrimary(controller, selected);
    if (concerned.size + enqueued.size === 0) continue;
    const { actor = controllerUser(controller.name) } = controller;
    for (const key of enqueued.size === 0 ? concerned : concerned.union(enqueued)) {
      const wakeup = wakeupKey(controller, key);
      if (held.has(wakeup)) {
        wakeups.set(wakeup, plus(now, HELD_FOR));
        continue;
      }
      const { resource, namespace, name } = parseKey(key);
      const state = pass.stateFor?.(wakeup) ?? pass.state;
      const object = state.get(resource, namespace, name);
      const result = controller.reconcile({
        key,
        object,
        state,
        assumed,
        now,
        env,
        keys,
        plugins,
        refusal: refusals.of(wakeup, object, pass),
        isDue: enqueued.has(key),
      });
      const cause = object ? Number(object.metadata.resourceVersion) : undefined;
      for (const mutation of result.mutations) {
        const attributed: Attributed = { ...mutation, actor, part: wakeup, ...(cause && { cause }) };
        senders.set(attributed, wakeup);
        mutations.push(attributed);
      }
      wakeups.set(wakeup, result.enqueueAt);
    }
  }
  for (const key of refused) wakeups.set(key, earliest(wakeups.get(key), plus(now, RETRY_AFTER)));
  return { mutations, wakeups };
}

const RETRY_AFTER = 60_000;
const HELD_FOR = 1_000;

const NONE: ReadonlySet<Key> = new Set();

/** By resource, the controllers that a change of one of its objects may concern, and which of their primaries it does; under `*` those that any change may concern. */
type Watchers = ReadonlyMap<GroupResource, readonly Watcher[]>;

interface Watcher {
  readonly controller: Controller;
  readonly primariesOf: Watch<KubeObject>;
}

function watchersOf(list: readonly Controller[]): Watchers {
  const watchers = new Map<GroupResource, Watcher[]>();
  const watch = (resource: GroupResource, watcher: Watcher) => {
    const others = watchers.get(resource);
    if (others) others.push(watcher);
    else watchers.set(resource, [watcher]);
  };
  for (const controller of list) {
    const { resource, watches = {} } = controller;
    if (resource !== undefined) watch(resource, { controller, primariesOf: ({ key }) => [key] });
    // A change is of the kind whose resource its key names.
    for (const [watched, primariesOf] of Object.entries(watches)) watch(watched, { controller, primariesOf: primariesOf as Watch<KubeObject> });
  }
  return watchers;
}

/**
 * The primaries of each controller that the changes concern. The changes of one object count as one, from the first before to the last after;
 * an object that was deleted and another one that was created under its name are two.
 */
function touchedPrimaries(watchers: Watchers, changes: readonly Change[], state: State): ReadonlyMap<Controller, ReadonlySet<Key>> {
  const merged = new Map<string, Change>();
  for (const change of changes) {
    const id = `${change.key} ${change.object.metadata.uid}`;
    const earlier = merged.get(id);
    merged.set(id, earlier ? together(earlier, change) : change);
  }
  const touched = new Map<Controller, Set<Key>>();
  for (const [resource, ofResource] of Map.groupBy(merged.values(), ({ key }) => key.slice(0, key.indexOf('/')))) {
    for (const { controller, primariesOf } of [...(watchers.get(resource) ?? []), ...(watchers.get('*') ?? [])]) {
      let keys = touched.get(controller);
      if (!keys) {
        keys = new Set();
        touched.set(controller, keys);
      }
      for (const change of ofResource) for (const key of primariesOf(change, state)) keys.add(key);
    }
  }
  return touched;
}

function together(earlier: Change, change: Change): Change {
  const { previous: _, ...last } = change;
  return { ...last, ...(earlier.previous && { previous: earlier.previous }) };
}

const everyPrimary = ({ resource, primaries }: Controller, state: State): Set<Key> =>
  new Set(primaries?.(state) ?? (resource ? state.list(resource).map(({ metadata }) => keyOf(resource, metadata.namespace, metadata.name)) : []));

const wakeupKey = (controller: Controller, primary: Key): Key => `${controller.name} ${primary}`;

/** By the name of their controller, the primaries that wake-up keys name. */
function enqueuedPrimaries(keys: readonly Key[]): ReadonlyMap<string, ReadonlySet<Key>> {
  const enqueued = new Map<string, Set<Key>>();
  for (const key of keys) {
    const end = key.indexOf(' ');
    const [name, primary] = [key.slice(0, end), key.slice(end + 1)];
    const others = enqueued.get(name);
    if (others) others.add(primary);
    else enqueued.set(name, new Set([primary]));
  }
  return enqueued;
}
