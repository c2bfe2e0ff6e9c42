import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import { bindingOfCondition, isOfPods, TARGET_GROUP_BINDINGS, type TargetGroupBinding, targetHealthCondition } from '../../apis/elbv2/target-group-binding.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { type ClusterInstant, clusterInstant, plus } from '../../instant.ts';
import { type KubeObject, keyOf, timestamp } from '../../kube/object.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Pod, PodCondition, Service } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import { type Controller, type ControllerContext, nothing } from '../controller.ts';
import { earliest } from '../shared/earliest.ts';
import { hasFinalizer, withFinalizer, withoutFinalizer } from '../shared/finalizers.ts';
import { statusUpdate, updateTo } from '../shared/mutations.ts';
import { LBC_USER } from './load-balancer-users.ts';

const FINALIZER = 'elbv2.k8s.aws/resources';

/**
 * Tells pods with a readiness gate for a TargetGroupBinding how they do as its targets, as the AWS Load Balancer Controller does (pkg/targetgroupbinding): a pod
 * whose containers are ready is registered, and is healthy when the controller looks at its targets the next time.
 */
export const targetHealth: Controller<TargetGroupBinding> = {
  name: 'aws-load-balancer-target-health',
  actor: LBC_USER,
  resource: TARGET_GROUP_BINDINGS,
  watches: {
    pods: ({ object, previous }) =>
      previous && isSameTarget(object, previous) ? [] : bindingsOf(object).map((name) => keyOf(TARGET_GROUP_BINDINGS, object.metadata.namespace, name)),
    services: ({ object, type, previous }, state) =>
      type === 'MODIFIED' && object.spec?.selector === previous?.spec?.selector ? [] : state.keys(bindingsByService, placeOf(object)),
  },
  reconcile(context) {
    const { object: binding, state } = context;
    if (!binding) return nothing;
    const service = state.get('services', binding.metadata.namespace, binding.spec?.serviceRef?.name ?? '');
    const isReleased = binding.metadata.deletionTimestamp !== undefined;
    const pods = isOfPods(binding) ? state.by(podsByBinding, placeOf(binding)).filter((pod) => !isPodTerminal(pod)) : [];
    const type = targetHealthCondition(binding.metadata.name);
    const looked = pods.map((pod) => ({ pod, ...(service && !isReleased ? healthOf(pod, service, { type, now: context.now }) : UNBOUND) }));
    return {
      mutations: [
        ...held(context, binding, service),
        ...looked.flatMap(({ pod, health }) => (health ? statusUpdate('pods', pod, withCondition(pod, { type, ...health }, context.now)) : [])),
      ],
      ...at(earliest(...looked.map(({ until }) => until))),
    };
  },
};

const at = (enqueueAt: ClusterInstant | undefined) => enqueueAt !== undefined && { enqueueAt };

/** The binding is held for as long as there are targets to take out of its group; what it is bound to may not be there. */
function held({ state, now, env }: ControllerContext<TargetGroupBinding>, binding: TargetGroupBinding, service: Service | undefined): Mutation[] {
  if (binding.metadata.deletionTimestamp) {
    return hasFinalizer(binding, FINALIZER) ? [updateTo(TARGET_GROUP_BINDINGS, withoutFinalizer(binding, FINALIZER))] : [];
  }
  const recorder = new EventRecorder({ state, component: 'targetGroupBinding', now, env });
  const isHeld = hasFinalizer(binding, FINALIZER);
  if (!service)
    recorder.warningOnce(binding, 'BackendNotFound', `backend not found: Service ${JSON.stringify(binding.spec?.serviceRef?.name ?? '')} not found`);
  else if (!isHeld) recorder.normal(binding, 'SuccessfullyReconciled', 'Successfully reconciled');
  return [...(isHeld ? [] : [updateTo(TARGET_GROUP_BINDINGS, withFinalizer(binding, FINALIZER))]), ...recorder.mutations()];
}

type Health = Pick<PodCondition, 'status' | 'reason' | 'message'>;

interface Looked {
  /** What is to be told; none: what was told last holds. */
  readonly health?: Health;
  /** When the target is looked at again. */
  readonly until?: ClusterInstant;
}

/** Without its binding, a target must not keep its pod from being ready. */
const UNBOUND: Looked = { health: { status: 'True', message: 'Target Group Binding is deleted' } };
const REGISTERING: Health = { status: 'False', reason: 'Elb.RegistrationInProgress', message: 'Target registration is in progress' };

/** How long the controller waits before it looks at the health of its targets again (defaultRequeueDuration), ms. */
const LOOKS_EVERY = 15_000;

/** What is no target, or is none any more, is told nothing: containers that are not ready are taken out of the group, and registered anew when they are. */
function healthOf(pod: Pod, { spec }: Service, { type, now }: { type: string; now: ClusterInstant }): Looked {
  const containersReady = conditionOf(pod, 'ContainersReady');
  if (containersReady?.status !== 'True' || !pod.status?.podIP || pod.metadata.deletionTimestamp) return {};
  const selector = Object.entries(spec?.selector ?? {});
  if (selector.length === 0 || selector.some(([name, value]) => pod.metadata.labels?.[name] !== value)) return {};
  const readySince = clusterInstant(containersReady.lastTransitionTime ?? now);
  const told = conditionOf(pod, type);
  const toldAt = clusterInstant(told?.lastTransitionTime ?? now);
  const isRegistered = told !== undefined && told.message !== UNBOUND.health!.message && (told.status === 'False' || toldAt >= readySince);
  if (!isRegistered) return { health: REGISTERING, until: plus(now, LOOKS_EVERY) };
  if (told.status === 'True') return {};
  const until = plus(toldAt > readySince ? toldAt : readySince, LOOKS_EVERY);
  return now < until ? { until } : { health: { status: 'True' } };
}

const conditionOf = ({ status }: Pod, type: string): PodCondition | undefined => status?.conditions?.find((condition) => condition.type === type);

function withCondition({ status }: Pod, condition: PodCondition, now: ClusterInstant): NonNullable<Pod['status']> {
  const before = status?.conditions?.find(({ type }) => type === condition.type);
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : timestamp(now);
  const next: PodCondition = { ...condition, ...(lastTransitionTime && { lastTransitionTime }) };
  const others = status?.conditions ?? [];
  return { ...status, conditions: before ? others.map((other) => (other === before ? next : other)) : [...others, next] };
}

/** The names of the bindings that a pod has readiness gates for. */
const bindingsOf = ({ spec }: Pod): string[] => (spec?.readinessGates ?? []).flatMap(({ conditionType }) => bindingOfCondition(conditionType) ?? []);

const podsByBinding = index(['pods'], (_key, pod) => bindingsOf(pod).map((name) => `${pod.metadata.namespace}/${name}`));
const bindingsByService = index([TARGET_GROUP_BINDINGS], (_key, binding) => [
  `${binding.metadata.namespace}/${(binding as TargetGroupBinding).spec?.serviceRef?.name}`,
]);

const placeOf = ({ metadata: { namespace, name } }: KubeObject): string => `${namespace}/${name}`;

/** Most changes of a pod mean nothing to a target group. */
const isSameTarget = (a: Pod, b: Pod): boolean =>
  a.status?.conditions === b.status?.conditions &&
  a.status?.podIP === b.status?.podIP &&
  a.metadata.labels === b.metadata.labels &&
  a.metadata.deletionTimestamp === b.metadata.deletionTimestamp;
