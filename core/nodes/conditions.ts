import { timestamp } from '../kube/object.ts';
import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../schema/generated/kinds.ts';
import { isSidecar } from './containers-of.ts';

/** What a pod's conditions follow from, besides the pod itself. */
interface ConditionFacts {
  readonly phase: string;
  readonly initContainerStatuses: readonly ContainerStatus[];
  readonly containerStatuses: readonly ContainerStatus[];
  /** Whether the pod's sandbox is there: its network, and its volumes before that. */
  readonly sandbox: boolean;
}

/** The conditions that are a kubelet's to tell (pkg/kubelet/types, PodConditionByKubelet): of a pod that it refuses it tells none. */
export const ofKubelet = ({ type }: PodCondition): boolean => KUBELET.has(type);
const KUBELET = new Set(['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled']);

type ConditionValue = Pick<PodCondition, 'status' | 'reason' | 'message'>;

/**
 * The conditions of a pod: those that others own (readiness gates, the scheduler's, …) as they are, then the kubelet's
 * (pkg/kubelet/status/generate.go). A time of transition moves only when the status does.
 */
export function podConditions(pod: Pod, facts: ConditionFacts, now: number): PodCondition[] {
  const before = pod.status?.conditions ?? [];
  const containersReady = containersReadyVerdict(pod, facts);
  const verdicts: Record<string, ConditionValue> = {
    PodReadyToStartContainers: { status: facts.sandbox ? 'True' : 'False' },
    Initialized: initializedVerdict(pod, facts),
    Ready: containersReady.status === 'True' ? gatesVerdict(pod, before) : containersReady,
    ContainersReady: containersReady,
    PodScheduled: { status: 'True' },
  };
  const conditions = before.filter(({ type }) => !(type in verdicts));
  const { generation } = pod.metadata;
  const time = timestamp(now);
  for (const [type, verdict] of Object.entries(verdicts)) {
    const old = before.find((condition) => condition.type === type);
    const lastTransitionTime = old?.status === verdict.status && old.lastTransitionTime ? old.lastTransitionTime : time;
    conditions.push({ type, ...verdict, lastTransitionTime, ...(generation !== undefined && { observedGeneration: generation }) });
  }
  return conditions;
}

function containersReadyVerdict(pod: Pod, { phase, initContainerStatuses, containerStatuses }: ConditionFacts): ConditionValue {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const sidecars = (pod.spec?.initContainers ?? []).filter(isSidecar);
  const statuses = [...initContainerStatuses.filter(({ name }) => sidecars.some((sidecar) => sidecar.name === name)), ...containerStatuses];
  const unready = statuses.filter(({ ready }) => !ready).map(({ name }) => name);
  if (unready.length === 0) return { status: 'True' };
  return { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
}

function initializedVerdict(pod: Pod, { phase, initContainerStatuses, containerStatuses }: ConditionFacts): ConditionValue {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' };
  if (containerStatuses.some(hasStarted)) return { status: 'True' };
  const incomplete = (pod.spec?.initContainers ?? []).filter((container) => {
    const status = initContainerStatuses.find(({ name }) => name === container.name);
    return !(isSidecar(container) ? status?.started : status?.ready);
  });
  // A pod that was initialized stays so while its containers start again (generate.go, GeneratePodInitializedCondition).
  const before = pod.status?.conditions?.find(({ type }) => type === 'Initialized');
  if (incomplete.length === 0 || before?.status === 'True') return { status: 'True' };
  const names = incomplete.map(({ name }) => name).join(' ');
  return { status: 'False', reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${names}]` };
}

const hasStarted = ({ state, lastState }: ContainerStatus): boolean => Boolean(state?.running || state?.terminated || lastState?.terminated);

function gatesVerdict(pod: Pod, conditions: NonNullable<PodStatus['conditions']>): ConditionValue {
  const messages: string[] = [];
  for (const { conditionType } of pod.spec?.readinessGates ?? []) {
    const condition = conditions.find(({ type }) => type === conditionType);
    if (!condition) messages.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (condition.status !== 'True') messages.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`);
  }
  return messages.length === 0 ? { status: 'True' } : { status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') };
}
