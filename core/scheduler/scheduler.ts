import { isPodTerminal } from '../apis/core/pod-terminal.ts';
import { type Mutation, update } from '../apis/mutation.ts';
import { type Key, keyOf, timestamp } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import { EventRecorder } from '../reconcile/event-recorder.ts';
import type { Attributed, Pass, PassResult, Reconciler } from '../reconcile/reconciler.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import { assume } from '../state/evolve.ts';
import type { State } from '../state/state.ts';
import { clusterInfoOf } from './cluster-info.ts';
import { DEFAULT_SCHEDULER } from './configuration/scheduler-configuration.ts';
import type { Plugin } from './framework.ts';
import { nominated } from './nominations.ts';
import { preempt } from './preemption/preempt.ts';
import { type SchedulerProfiles, soleProfile } from './profiles.ts';
import { inOrder, type Placement, schedule } from './schedule.ts';
import { mayWake, WaitingPods } from './waiting-pods.ts';

const ACTOR = userNamed('system:kube-scheduler');

export interface SchedulerOptions {
  readonly profiles?: SchedulerProfiles;
  /** Of the only profile, where there is but one. */
  readonly plugins?: readonly Plugin[];
}

/**
 * kube-scheduler: all pending pods in one pass against one state, all bindings in one append. Each pod is a part of the pass: what another writer changes meanwhile
 * costs the pods that rest on it another decision, and no others (docs/decisions/0015-rebase.md).
 */
export function schedulerReconciler({ plugins, profiles = soleProfile(plugins) }: SchedulerOptions = {}): Reconciler {
  const waiting = new WaitingPods();
  return {
    name: 'scheduler',
    reconcile(pass) {
      const { changes, due, failures } = pass;
      if (changes !== undefined && due.length === 0 && failures.length === 0 && !mayWake(changes)) return quiet;
      const state = assumed(pass);
      // What is decided again had its place in what was decided of the others.
      const isAgain = failures.length > 0 || due.some((key) => key !== REST);
      // A pod that others did not make room for, as they were not to be deleted, waits for something to change.
      const inVain = new Set(failures.flatMap(({ mutation }) => (mutation.type === 'delete' && mutation.part !== undefined ? [mutation.part] : [])));
      const pending = waiting.awake(pendingPods(state, profiles), isAgain ? undefined : changes).filter((pod) => !inVain.has(partOf(pod)));
      if (pending.length === 0) return quiet;
      const cluster = clusterInfoOf(state);
      const pluginsFor = ({ spec }: Pod) => profiles.pluginsFor(spec!.schedulerName)!;
      const seenBy = (pod: Pod, state: State) => pass.stateFor?.(partOf(pod), state) ?? state;
      return applied(schedule(inOrder(pending), { cluster, pluginsFor, random: pass.env.random, now: pass.now, seenBy }), waiting, pass);
    },
  };
}

const partOf = ({ metadata }: Pod): Key => keyOf('pods', metadata.namespace, metadata.name);

const quiet: PassResult = { mutations: [], wakeups: new Map() };

const pendingPods = (state: State, profiles: SchedulerProfiles): Pod[] =>
  state.by('node', '').filter((pod) => {
    if (isPodTerminal(pod) || pod.metadata.deletionTimestamp) return false;
    const plugins = profiles.pluginsFor(pod.spec!.schedulerName);
    return plugins !== undefined && !plugins.some(({ preEnqueue }) => preEnqueue?.(pod, state) !== undefined);
  });

/**
 * The state with the pods where they are going to be: a binding that waits for an answer takes its room already, as kube-scheduler's cache assumes it. Which pods are
 * pending, and what room there is, is not noted: what another writer changes of it leads to the next pass, and a placement notes for itself what it rests on.
 */
function assumed({ state: observed, waiting }: Pass): State {
  let state = observed.observed(undefined);
  for (const mutation of waiting) {
    if (mutation.type !== 'bind') continue;
    const { namespace, name, node } = mutation;
    const pod = state.get('pods', namespace, name);
    if (!pod?.spec || pod.spec.nodeName) continue;
    const bound: Pod = { ...pod, spec: { ...pod.spec, nodeName: node } };
    state = assume(state, keyOf('pods', namespace, name), bound);
  }
  return state;
}

/** All others come right after, in an entry of their own: what an entry holds is in memory several times over until it is appended. */
const PODS_AT_ONCE = 2_500;
/** The wake-up key for them. */
const REST = 'rest';

function applied(placements: Iterable<Placement>, waiting: WaitingPods, { state, stateFor, now, env }: Pass): PassResult {
  const decided: { readonly mutations: readonly Mutation[]; readonly recorder: EventRecorder; readonly by: Pick<Attributed, 'actor' | 'part' | 'cause'> }[] =
    [];
  let written = 0;
  for (const placement of placements) {
    if (written === PODS_AT_ONCE) break;
    if (placement.type === 'unschedulable') waiting.reject(placement.pod, placement.rejectors);
    const part = partOf(placement.pod);
    const { resourceVersion } = placement.pod.metadata;
    const by = { actor: ACTOR, part, ...(resourceVersion !== undefined && { cause: Number(resourceVersion) }) };
    const recorder = new EventRecorder({ state: stateFor?.(part) ?? state, component: placement.pod.spec!.schedulerName ?? DEFAULT_SCHEDULER, now, env });
    const mutations = placement.type === 'placed' ? place(placement, recorder) : explain(placement, recorder, now);
    decided.push({ mutations, recorder, by });
    if (mutations.length > 0) written++;
  }
  // Events are named by the state before the pass: to ask that and the one that placements lead to by turns, costs all that lies between them each time.
  const out = decided.flatMap(({ mutations, recorder, by }) => [...mutations, ...recorder.mutations()].map((mutation): Attributed => ({ ...mutation, ...by })));
  return { mutations: out, wakeups: written === PODS_AT_ONCE ? new Map([[REST, now]]) : quiet.wakeups };
}

function place({ pod, node, reserved, reasons }: Placement & { type: 'placed' }, recorder: EventRecorder): Mutation[] {
  const { namespace, name, uid } = pod.metadata;
  recorder.normal(pod, 'Scheduled', `Successfully assigned ${namespace}/${name} to ${node}`);
  return [...reserved, { type: 'bind', resource: 'pods', namespace: namespace!, name, node, uid: uid!, placement: reasons }];
}

/** Says why a pod waits, unless that has been said, and does what makes room for it. */
function explain(placement: Placement & { type: 'unschedulable' }, recorder: EventRecorder, now: number): Mutation[] {
  const { pod, message, nomination, displaced, released } = placement;
  const reason = placement.isError ? 'SchedulerError' : 'Unschedulable';
  const known = scheduledCondition(pod);
  const node = nomination.type === 'node' ? nomination.node : nomination.type === 'cleared' ? undefined : pod.status?.nominatedNodeName;
  const isTold = known?.status === 'False' && known.message === message;
  if (!isTold) recorder.warning(pod, 'FailedScheduling', truncated(message));
  const mutations = nomination.type === 'node' ? preempt(pod, nomination, displaced, { recorder, now }) : [];
  if (isTold && node === pod.status?.nominatedNodeName) return [...released, ...mutations];
  return [...released, ...mutations, update('pods', nominated(unscheduled(pod, { reason, message }, now), node), 'status')];
}

/** An Event's message is cut where it is too long (truncateMessage); the condition's is not. */
const truncated = (message: string): string => (message.length <= MAX_MESSAGE ? message : `${message.slice(0, MAX_MESSAGE - CUT.length)}${CUT}`);
const MAX_MESSAGE = 1024;
const CUT = ' ...';

const scheduledCondition = (pod: Pod) => pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');

function unscheduled(pod: Pod, { reason, message }: { reason: string; message: string }, now: number): Pod {
  const conditions = pod.status?.conditions ?? [];
  const at = conditions.findIndex(({ type }) => type === 'PodScheduled');
  const before = conditions[at];
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason,
    message,
    lastTransitionTime: before?.status === 'False' ? before.lastTransitionTime! : timestamp(now),
    ...(pod.metadata.generation && { observedGeneration: pod.metadata.generation }),
  };
  return { ...pod, status: { ...pod.status, conditions: at === -1 ? [...conditions, condition] : conditions.with(at, condition) } };
}
