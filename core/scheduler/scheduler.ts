import { keyOf, timestamp } from '../object.ts';
import type { Change, State } from '../projection/state.ts';
import { EventRecorder } from '../reconcile/event-recorder.ts';
import type { Attributed, Pass, PassResult, Reconciler } from '../reconcile/reconciler.ts';
import { claimsOf } from '../resources/core/pod-claims.ts';
import type { PersistentVolumeClaim, Pod } from '../resources/generated/kinds.ts';
import type { Plugin } from './framework.ts';
import { isFinished, nodeInfosOf } from './node-info.ts';
import { plugins as defaultPlugins } from './plugins/registry.ts';
import { inOrder, type Placement, schedule } from './schedule.ts';

const NAME = 'default-scheduler';
const ACTOR = 'system:kube-scheduler';

/** kube-scheduler: all pending pods in one pass against one state, all bindings in one append. */
export function schedulerReconciler({ plugins = defaultPlugins }: { plugins?: readonly Plugin[] } = {}): Reconciler {
  return {
    name: 'scheduler',
    reconcile(pass) {
      const look = pass.changes === undefined || pass.due.length > 0 || pass.changes.some(mayHelp);
      const pending = look ? pendingPods(pass.state) : [];
      if (pending.length === 0) return quiet;
      const cluster = { state: pass.state, nodes: nodeInfosOf(pass.state) };
      const batch = inOrder(pending).slice(0, PODS_AT_ONCE);
      const placements = schedule({ pods: batch, cluster, plugins, random: pass.env.random });
      return { mutations: carryOut(placements, pass), wakeups: pending.length > batch.length ? new Map([[REST, pass.now]]) : quiet.wakeups };
    },
  };
}

/** All others come right after, in an entry of their own: what an entry holds is in memory several times over until it is appended. */
const PODS_AT_ONCE = 2_500;
/** The wake-up key for them. */
const REST = 'rest';

const quiet: PassResult = { mutations: [], wakeups: new Map() };

/** Whether a change can make a pending pod schedulable: a new or changed one, room on a node, another node, a volume. */
function mayHelp({ key, type, object, previous }: Change): boolean {
  if (key.startsWith('pods/')) {
    if (type === 'DELETED') return true;
    const pod = object as Pod;
    if (!pod.spec?.nodeName) return type === 'ADDED' || previous?.spec !== pod.spec || previous?.metadata.deletionTimestamp !== pod.metadata.deletionTimestamp;
    return isFinished(pod);
  }
  return key.startsWith('nodes/') || key.startsWith('persistentvolume') || key.startsWith('storageclasses.storage.k8s.io/');
}

const pendingPods = (state: State): Pod[] =>
  state
    .by<Pod>('node', '')
    .filter((pod) => !isFinished(pod) && !pod.metadata.deletionTimestamp && !pod.spec?.schedulingGates?.length && pod.spec?.schedulerName === NAME);

function carryOut(placements: readonly Placement[], { state, now, env }: Pass): Attributed[] {
  const recorder = new EventRecorder({ state, component: NAME, now, env });
  const out: Attributed[] = [];
  const chosen = new Set<string>();
  for (const placement of placements) {
    const { pod } = placement;
    const by = { actor: ACTOR, cause: Number(pod.metadata.resourceVersion) };
    const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
    if (placement.type === 'placed') {
      for (const claim of waitingClaims(pod, state)) {
        const key = keyOf('persistentvolumeclaims', claim.metadata.namespace, claim.metadata.name);
        if (chosen.has(key)) continue;
        chosen.add(key);
        out.push({ type: 'update', resource: 'persistentvolumeclaims', object: withSelectedNode(claim, placement.node), ...by });
      }
      out.push({
        type: 'bind',
        resource: 'pods',
        namespace: pod.metadata.namespace!,
        name: pod.metadata.name,
        node: placement.node,
        uid: pod.metadata.uid!,
        ...by,
      });
      recorder.normal(pod, 'Scheduled', `Successfully assigned ${name} to ${placement.node}`);
    } else if (!isKnown(pod, placement.message)) {
      out.push({ type: 'update', resource: 'pods', subresource: 'status', object: unscheduled(pod, placement.message, now), ...by });
      recorder.warning(pod, 'FailedScheduling', placement.message);
    }
  }
  return [...out, ...recorder.mutations().map((mutation) => ({ ...mutation, actor: ACTOR }))];
}

/** The claims of a pod that have no volume yet and no node chosen for it. */
const waitingClaims = (pod: Pod, state: State): PersistentVolumeClaim[] =>
  claimsOf(pod)
    .map((name) => state.get<PersistentVolumeClaim>('persistentvolumeclaims', pod.metadata.namespace, name))
    .filter((claim) => claim !== undefined)
    .filter((claim) => !claim.spec?.volumeName && !claim.metadata.annotations?.[SELECTED_NODE]);

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

const withSelectedNode = (claim: PersistentVolumeClaim, node: string): PersistentVolumeClaim => ({
  ...claim,
  metadata: { ...claim.metadata, annotations: { ...claim.metadata.annotations, [SELECTED_NODE]: node } },
});

const scheduledCondition = (pod: Pod) => pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');

const isKnown = (pod: Pod, message: string) => scheduledCondition(pod)?.status === 'False' && scheduledCondition(pod)?.message === message;

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
