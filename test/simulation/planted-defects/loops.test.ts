import { describe, it } from 'vitest';
import type { UpdateMutation } from '../../../core/apis/mutation.ts';
import { controllersReconciler, controllersWith } from '../../../core/controllers/registry.ts';
import { controllerUser, userNamed } from '../../../core/kube/user.ts';
import type { LogEvent } from '../../../core/log/event.ts';
import type { EventLog } from '../../../core/log/log.ts';
import { nodesReconciler } from '../../../core/nodes/nodes.ts';
import { simulatedRuntime } from '../../../core/nodes/runtimes/simulated.ts';
import type { Attributed, Pass, Reconciler } from '../../../core/reconcile/reconciler.ts';
import { plugins } from '../../../core/scheduler/plugins/registry.ts';
import { schedulerReconciler } from '../../../core/scheduler/scheduler.ts';
import type { Node, Pod } from '../../../core/schema/generated/kinds.ts';
import type { KindOf } from '../../../core/schema/kind-of.ts';
import { isLost } from '../operations/lost-nodes.ts';
import { others } from '../reconcilers.ts';
import { appending } from './appending.ts';
import { type Defect, finds } from './finds.ts';

/** Defects of what the control loops promise. */
describe('a run without faults', () => {
  const defects: Defect[] = [
    {
      name: 'a scheduler that does not look at taints',
      operation: 'apart',
      parts: { reconcilers: [schedulerReconciler({ plugins: plugins.filter(({ name }) => name !== 'TaintToleration') }), ...others('scheduler')] },
      found: /filters: .* is bound at \d+ to node-\d, in spite of the taint/,
    },
    {
      name: 'a scheduler that does not look at neighbours',
      operation: 'apart',
      parts: { reconcilers: [schedulerReconciler({ plugins: plugins.filter(({ name }) => name !== 'InterPodAffinity') }), ...others('scheduler')] },
      found: /filters: .* in spite of apart-\d, which is to be apart/,
    },
    {
      name: 'evictions that are not counted',
      seed: 8,
      operation: 'evictions',
      parts: { wrapLog: rewriting(uncounted) },
      found: /budgets: .* was evicted at \d+, with which .* is exceeded/,
    },
    {
      name: 'a scheduler that is told of more than budgets have left',
      seed: 8,
      minutes: 2,
      operation: 'evictions',
      parts: { wrapLog: rewriting(unbounded) },
      found: /preemption: pods\/default\/guarded-.* gives way at \d+ in spite of .*, and node-\d would do/,
    },
    {
      name: 'a Job that gives one index to all',
      operation: 'indexedJobs',
      parts: { wrapLog: rewriting(indexed) },
      found: /indexes: .* with an index of its Job that had succeeded/,
    },
    {
      name: 'a controller that does not wait for what a lost node runs',
      operation: 'lostNodes',
      parts: { reconcilers: [impatient(), ...others('controllers')] },
      found: /ordinals: .* was gone at \d+ while it ran on node-\d/,
    },
    {
      name: 'an autoscaler that goes beyond',
      operation: 'autoscaled',
      parts: { wrapLog: rewriting(generous) },
      found: /autoscaling: deployments.apps\/default\/autoscaled is scaled at \d+ to/,
    },
    {
      name: 'agents that tell of their pods while they are lost',
      operation: 'lostNodes',
      parts: { reconcilers: [talkative(), ...others('nodes')] },
      found: /lost nodes: node-\d, which is lost, tells of/,
    },
    {
      name: 'agents that do not say that they are back',
      operation: 'lostNodes',
      parts: { reconcilers: [speechless(), ...others('nodes')] },
      found: /lost nodes: node-\d is back, and its Ready condition is Unknown/,
    },
    {
      name: 'a controller that does not wait until a node is lost',
      operation: 'lostNodes',
      parts: { reconcilers: [hasty(), ...others('controllers')] },
      found: /lost nodes: node-\d is told at \d+ not to have been heard of, \d+ ms after it was/,
    },
    {
      name: 'controllers that leave the pods of lost nodes ready',
      operation: 'lostNodes',
      parts: { reconcilers: [without('pods-of-lost-nodes'), ...others('controllers')] },
      found: /lost nodes: .* was ready up to \d+ on node-\d, which was lost/,
    },
    {
      name: 'controllers that leave pods on lost nodes',
      operation: 'lostNodes',
      parts: { reconcilers: [without('taint-eviction-controller'), ...others('controllers')] },
      found: /lost nodes: .* was left up to \d+ on node-\d, which was lost/,
    },
  ];
  for (const defect of defects) it(`finds ${defect.name}`, () => finds(defect));
});

/** Writes other events than were wanted. */
function rewriting(rewritten: (event: LogEvent) => LogEvent) {
  return appending(1, (inner: EventLog, cluster, wanted) => inner.append(cluster, { ...wanted, events: wanted.events.map(rewritten) }));
}

const isBy = ({ actor }: LogEvent, controller: string): boolean => actor.username === `system:serviceaccount:kube-system:${controller}`;

/** What is evicted costs the budget nothing. */
function uncounted(event: LogEvent): LogEvent {
  if (!event.key.startsWith('poddisruptionbudgets.policy/') || !('patch' in event) || isBy(event, 'disruption-controller')) return event;
  const { status: _, ...patch } = event.patch as { status?: object };
  return { ...event, patch };
}

/** Any budget could lose nine more. */
function unbounded(event: LogEvent): LogEvent {
  if (!event.key.startsWith('poddisruptionbudgets.policy/') || !('patch' in event) || !isBy(event, 'disruption-controller')) return event;
  const { status, ...patch } = event.patch as { status?: object };
  return { ...event, patch: { ...patch, status: { ...status, disruptionsAllowed: 9 } } };
}

function indexed(event: LogEvent): LogEvent {
  if (!event.key.startsWith('pods/') || !('object' in event) || !isBy(event, 'job-controller')) return event;
  const { metadata } = event.object;
  const annotations = { ...metadata.annotations, 'batch.kubernetes.io/job-completion-index': '0' };
  return { ...event, object: { ...event.object, metadata: { ...metadata, annotations } } };
}

function generous(event: LogEvent): LogEvent {
  if (!event.key.startsWith('deployments.apps/') || !('patch' in event) || !isBy(event, 'horizontal-pod-autoscaler')) return event;
  return { ...event, patch: { ...(event.patch as object), spec: { replicas: 9 } } };
}

/** A reconciler that wants something else than it does. */
function wanting(inner: Reconciler, change: (mutations: readonly Attributed[], pass: Pass) => readonly Attributed[]): Reconciler {
  return {
    ...inner,
    reconcile(pass) {
      const { mutations, ...rest } = inner.reconcile(pass);
      return { ...rest, mutations: change(mutations, pass) };
    },
  };
}

/** Has pods that a lost node does not end end at once, as `kubectl delete --force` does. */
const impatient = () =>
  wanting(controllersReconciler(), (mutations, { state, now }) => {
    const hopeless = state.list('pods').filter(({ metadata: { deletionTimestamp = '' } }) => Date.parse(deletionTimestamp) < now - 20_000);
    const actor = controllerUser('pod-garbage-collector');
    const forced = hopeless.map(
      ({ metadata: { namespace, name } }): Attributed => ({ type: 'delete', resource: 'pods', namespace: namespace!, name, gracePeriodSeconds: 0, actor }),
    );
    return [...mutations, ...forced];
  });

const nodes = () => nodesReconciler({ runtime: simulatedRuntime });

/** Says of what runs that it is ready, whether the agent is there or not. */
const talkative = () =>
  wanting(nodes(), (mutations, { state }) => {
    const lost = state.list('nodes').filter(isLost);
    const updates = lost.flatMap(({ metadata: { name } }) =>
      state
        .by('node', name)
        .flatMap((pod) => told('pods', pod, 'Ready', 'False', 'True').map((update) => ({ ...update, actor: userNamed(`system:node:${name}`) }))),
    );
    return [...mutations, ...updates];
  });

/** Says nothing of a node that is not Ready, also when it could. */
const speechless = () =>
  wanting(nodes(), (mutations, { state }) =>
    mutations.filter((mutation) => {
      const node = mutation.type === 'update' && mutation.resource === 'nodes' ? state.get('nodes', undefined, mutation.object.metadata.name) : undefined;
      return !node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status !== 'True');
    }),
  );

/** Says at once of a node whose agent is lost that nothing is heard of it. */
const hasty = () =>
  wanting(controllersReconciler(), (mutations, { state }) => {
    const lost = state.list('nodes').filter(isLost);
    const updates = lost.flatMap((node) =>
      told('nodes', node, 'Ready', 'True', 'Unknown').map((update) => ({ ...update, actor: controllerUser('node-controller') })),
    );
    return [...mutations, ...updates];
  });

/** The update after which a condition is `to`; none where it is not `from`. */
function told<R extends 'nodes' | 'pods'>(resource: R, object: KindOf<R>, type: string, from: string, to: string): UpdateMutation[] {
  const copy = structuredClone(object) as Node | Pod;
  const condition = copy.status?.conditions?.find((condition) => condition.type === type && condition.status === from);
  if (!condition) return [];
  condition.status = to;
  delete copy.metadata.resourceVersion;
  return [{ type: 'update', resource, object: copy, subresource: 'status' }];
}

/** All controllers but one. */
const without = (name: string) => controllersReconciler(controllersWith({ eventTtlMs: 600_000 }).filter((controller) => controller.name !== name));
