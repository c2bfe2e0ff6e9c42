import { isPodTerminal } from '../apis/core/pod-terminal.ts';
import { type Mutation, update } from '../apis/mutation.ts';
import { keyOf, timestamp } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import { EventRecorder } from '../reconcile/event-recorder.ts';
import type { Attributed, Pass, PassResult, Reconciler } from '../reconcile/reconciler.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import { assume } from '../state/evolve.ts';
import type { State } from '../state/state.ts';
import type { Plugin } from './framework.ts';
import { nodeInfos } from './node-infos.ts';
import { plugins as defaultPlugins } from './plugins/registry.ts';
import { shouldQueue } from './queueing-hints.ts';
import { inOrder, type Placement, schedule } from './schedule.ts';

const NAME = 'default-scheduler';
const ACTOR = userNamed('system:kube-scheduler');

/** kube-scheduler: all pending pods in one pass against one state, all bindings in one append. */
export function schedulerReconciler({ plugins = defaultPlugins }: { plugins?: readonly Plugin[] } = {}): Reconciler {
  return {
    name: 'scheduler',
    reconcile(pass) {
      const look = pass.changes === undefined || pass.due.length > 0 || pass.failures.length > 0 || pass.changes.some(shouldQueue);
      const state = assumed(pass);
      const pending = look ? pendingPods(state) : [];
      if (pending.length === 0) return quiet;
      const cluster = { state, nodes: [...state.view(nodeInfos).all] };
      return applied(schedule(inOrder(pending), { cluster, plugins, random: pass.env.random }), pass);
    },
  };
}

const quiet: PassResult = { mutations: [], wakeups: new Map() };

const pendingPods = (state: State): Pod[] =>
  state
    .by('node', '')
    .filter((pod) => !isPodTerminal(pod) && !pod.metadata.deletionTimestamp && !pod.spec?.schedulingGates?.length && pod.spec?.schedulerName === NAME);

/** The state with the pods where they are going to be: a binding that waits for an answer takes its room already, as kube-scheduler's cache assumes it. */
function assumed({ state, waiting }: Pass): State {
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

function applied(placements: Iterable<Placement>, { state, now, env }: Pass): PassResult {
  const recorder = new EventRecorder({ state, component: NAME, now, env });
  const out: Attributed[] = [];
  let written = 0;
  for (const placement of placements) {
    if (written === PODS_AT_ONCE) break;
    const cause = Number(placement.pod.metadata.resourceVersion);
    const mutations = placement.type === 'placed' ? place(placement, recorder) : explain(placement, recorder, now);
    for (const mutation of mutations) out.push({ ...mutation, actor: ACTOR, cause });
    if (mutations.length > 0) written++;
  }
  for (const mutation of recorder.mutations()) out.push({ ...mutation, actor: ACTOR });
  return { mutations: out, wakeups: written === PODS_AT_ONCE ? new Map([[REST, now]]) : quiet.wakeups };
}

function place({ pod, node, reserved }: Placement & { type: 'placed' }, recorder: EventRecorder): Mutation[] {
  const { namespace, name, uid } = pod.metadata;
  recorder.normal(pod, 'Scheduled', `Successfully assigned ${namespace}/${name} to ${node}`);
  return [...reserved, { type: 'bind', resource: 'pods', namespace: namespace!, name, node, uid: uid! }];
}

/** Says why a pod waits, unless that has been said. */
function explain({ pod, message }: Placement & { type: 'unschedulable' }, recorder: EventRecorder, now: number): Mutation[] {
  const known = scheduledCondition(pod);
  if (known?.status === 'False' && known.message === message) return [];
  recorder.warning(pod, 'FailedScheduling', message);
  return [update('pods', unscheduled(pod, message, now), 'status')];
}

const scheduledCondition = (pod: Pod) => pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');

function unscheduled(pod: Pod, message: string, now: number): Pod {
  const before = scheduledCondition(pod);
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message,
    lastTransitionTime: before?.status === 'False' ? before.lastTransitionTime! : timestamp(now),
    ...(pod.metadata.generation && { observedGeneration: pod.metadata.generation }),
  };
  const others = pod.status?.conditions?.filter(({ type }) => type !== 'PodScheduled') ?? [];
  return { ...pod, status: { ...pod.status, conditions: [...others, condition] } };
}
