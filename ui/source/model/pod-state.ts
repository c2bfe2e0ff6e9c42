import type { Condition, ContainerStatus, Pod } from './kinds.ts';
import { quantity } from './quantity.ts';

/** What a pod's life is, in the order in which it goes through it. */
export const PHASES = ['waiting', 'starting', 'running', 'unready', 'failing', 'ending', 'done'] as const;
export type Phase = (typeof PHASES)[number];

/** In a few words, for people. */
export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  waiting: 'waiting for a node',
  starting: 'starting',
  running: 'running',
  unready: 'running, not ready',
  failing: 'failing',
  ending: 'ending',
  done: 'completed',
};

export interface PodState {
  readonly phase: Phase;
  /** As kubectl says it: `CrashLoopBackOff`. */
  readonly status: string;
  /** Why it is not well; none: it is. */
  readonly why?: string;
  readonly ready: number;
  readonly containers: number;
  readonly restarts: number;
  readonly cpu: number;
  readonly memory: number;
}

const known = new WeakMap<Pod, PodState>();

/** How a pod is. An object never changes: what was found out once holds. */
export function stateOf(pod: Pod): PodState {
  const state = known.get(pod) ?? found(pod);
  known.set(pod, state);
  return state;
}

function found(pod: Pod): PodState {
  const statuses = pod.status?.containerStatuses ?? [];
  const containers = pod.spec?.containers ?? [];
  let [cpu, memory, ready, restarts] = [0, 0, 0, 0];
  for (const { resources } of containers) {
    cpu += quantity(resources?.requests?.['cpu']);
    memory += quantity(resources?.requests?.['memory']);
  }
  for (const status of statuses) {
    if (status.ready) ready++;
    restarts += status.restartCount ?? 0;
  }
  return { ...lifeOf(pod), ready, containers: containers.length, restarts, cpu, memory };
}

function lifeOf(pod: Pod): Pick<PodState, 'phase' | 'status' | 'why'> {
  const { metadata, spec, status = {} } = pod;
  if (metadata.deletionTimestamp) return { phase: 'ending', status: 'Terminating' };
  if (status.phase === 'Succeeded') return { phase: 'done', status: 'Completed' };
  if (status.phase === 'Failed')
    return { phase: 'failing', status: status.reason ?? 'Error', why: status.message ?? failureOf(status.containerStatuses) ?? 'it has failed' };
  if (!spec?.nodeName) return waiting(pod);
  const stuck = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].find(isStuck);
  if (stuck) return { phase: 'failing', status: stuck.state!.waiting?.reason ?? stuck.state!.terminated?.reason ?? 'Error', why: whyStuck(stuck) };
  if (status.phase !== 'Running') return { phase: 'starting', status: waitingReason(status.containerStatuses) ?? 'Pending' };
  const isReady = conditionOf(status.conditions, 'Ready');
  if (isReady?.status === 'True') return { phase: 'running', status: 'Running' };
  return { phase: 'unready', status: 'NotReady', ...(isReady?.message && { why: isReady.message }) };
}

function waiting({ spec, status }: Pod): Pick<PodState, 'phase' | 'status' | 'why'> {
  if (spec?.schedulingGates?.length)
    return { phase: 'waiting', status: 'SchedulingGated', why: `held by ${spec.schedulingGates.map(({ name }) => name).join(', ')}` };
  const scheduled = conditionOf(status?.conditions, 'PodScheduled');
  if (scheduled?.status === 'False')
    return { phase: 'waiting', status: 'Unschedulable', why: withoutPreemption(scheduled.message ?? scheduled.reason ?? 'no node takes it') };
  return { phase: 'waiting', status: 'Pending' };
}

/** What the scheduler says of the nodes; what it says then, of what preemption would do, repeats that. */
const withoutPreemption = (message: string): string => message.replace(/\.? (?:no new claims to deallocate, )?preemption: .*$/s, '');

export const conditionOf = (conditions: readonly Condition[] | undefined, type: string): Condition | undefined =>
  conditions?.find((condition) => condition.type === type);

/** Waits that are part of a start. */
const ON_THE_WAY: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);

function isStuck({ state }: ContainerStatus): boolean {
  if (state?.waiting) return !ON_THE_WAY.has(state.waiting.reason ?? 'ContainerCreating');
  return state?.terminated !== undefined && state.terminated.exitCode !== 0;
}

function whyStuck({ name, state, lastState, restartCount = 0 }: ContainerStatus): string {
  const { waiting, terminated } = state ?? {};
  if (waiting?.reason === 'CrashLoopBackOff') {
    const last = lastState?.terminated;
    const how = last ? (last.reason === 'OOMKilled' ? 'ran out of memory' : `ended with exit code ${last.exitCode}`) : 'ended';
    return `container ${name} ${how}, ${restartCount === 1 ? 'once' : `${restartCount} times`}; it is started again after a while`;
  }
  // What registries say of an image is long, and has its name three times.
  if (waiting && /^(ErrImagePull|ImagePullBackOff)$/.test(waiting.reason ?? '')) {
    const image = /image "([^"]+)"/.exec(waiting.message ?? '')?.[1];
    const isMissing = /not ?found/i.test(waiting.message ?? '');
    // The last part of it is what was in the way: `dial tcp: lookup registry.example: no such host`
    const why = isMissing ? 'there is none of that name' : waiting.message?.replace(/^.*": /s, '');
    return `the image ${image ?? `of container ${name}`} cannot be pulled${why ? `: ${why}` : ''}`;
  }
  if (waiting) return waiting.message ?? `container ${name}: ${waiting.reason}`;
  return terminated?.message ?? `container ${name} ended with exit code ${terminated?.exitCode}${terminated?.reason === 'OOMKilled' ? ' (out of memory)' : ''}`;
}

const failureOf = (statuses: readonly ContainerStatus[] | undefined): string | undefined => {
  const failed = statuses?.find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  return failed && whyStuck(failed);
};

const waitingReason = (statuses: readonly ContainerStatus[] | undefined): string | undefined =>
  statuses?.map(({ state }) => state?.waiting?.reason).find((reason) => reason !== undefined);
