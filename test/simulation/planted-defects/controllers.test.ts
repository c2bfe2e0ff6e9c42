import { describe, expect, it } from 'vitest';
import { isPodTerminal } from '../../../core/apis/core/pod-terminal.ts';
import { userNamed } from '../../../core/kube/user.ts';
import type { LogEvent } from '../../../core/log/event.ts';
import type { EventLog } from '../../../core/log/log.ts';
import type { Reconciler } from '../../../core/reconcile/reconciler.ts';
import { plugins } from '../../../core/scheduler/plugins/registry.ts';
import { schedulerReconciler } from '../../../core/scheduler/scheduler.ts';
import type { Pod } from '../../../core/schema/generated/kinds.ts';
import { evolve } from '../../../core/state/evolve.ts';
import { State } from '../../../core/state/state.ts';
import { others } from '../reconcilers.ts';
import { appending } from './appending.ts';
import { chance, type Defect, finds, run, seeds } from './finds.ts';

/** Defects of the reconcilers. */
describe('a run without faults', () => {
  const defects: Defect[] = [
    {
      name: 'a scheduler that does not look at what is left',
      podsPerNode: PODS_PER_NODE,
      parts: { reconcilers: [overbooking(), ...others('scheduler')] },
      found: /placement: node-\d has/,
    },
    {
      name: 'a scheduler whose placements forget what they rest on',
      podsPerNode: PODS_PER_NODE,
      parts: { reconcilers: [forgetful(), ...others('scheduler')], wrapLog: rivalled },
      found: /placement: node-\d has/,
    },
    {
      name: 'pods that are written as no Go type is stored',
      parts: { wrapLog: untyped },
      found: /stored types: pods\/.* has \[\] and not undefined at .*finalizers/,
    },
    { name: 'a pod that moves', parts: { wrapLog: moving }, found: /placement: .* was bound to node-1, and is bound to node-2/ },
    { name: 'nodes that do nothing', parts: { reconcilers: others('nodes') }, found: /desired state: pods\/.*: is Pending/ },
    { name: 'controllers that do nothing', parts: { reconcilers: others('controllers') }, found: /desired state: deployments.apps\/.*: generation/ },
    { name: 'a scheduler that does nothing', parts: { reconcilers: others('scheduler') }, found: /desired state: .* is pending, and would fit/ },
  ];
  for (const defect of defects) it(`finds ${defect.name}`, () => finds(defect));
});

/** Pods come with an empty list that Go would leave out. */
function untyped(log: EventLog): EventLog {
  const written = (event: LogEvent): LogEvent =>
    event.type === 'ADDED' && event.key.startsWith('pods/')
      ? { ...event, object: { ...event.object, metadata: { ...event.object.metadata, finalizers: [] } } }
      : event;
  return appending(1, (inner, cluster, wanted) => inner.append(cluster, { ...wanted, events: wanted.events.map(written) }))(log);
}

/** Looks at what is left on a node only half of the time. */
function overbooking(): Reconciler {
  const careful = schedulerReconciler();
  const careless = schedulerReconciler({ plugins: plugins.filter(({ name }) => name !== 'NodeResourcesFit') });
  const strikes = chance();
  return { name: 'scheduler', reconcile: (pass) => (strikes.happens(0.5) ? careless : careful).reconcile(pass) };
}

describe('where another scheduler takes the last room of nodes', () => {
  it.each(seeds.slice(0, 4))('this one keeps within what is left, with seed %d', async (seed) => {
    const { findings } = await run({ podsPerNode: PODS_PER_NODE, parts: { wrapLog: rivalled } }, seed);
    expect(findings.filter((finding) => finding.includes('placement:'))).toEqual([]);
  });
});

/** Notes nothing of what it reads for a pod. */
function forgetful(): Reconciler {
  const scheduler = schedulerReconciler();
  return { ...scheduler, reconcile: (pass) => scheduler.reconcile({ ...pass, stateFor: (_part, state = pass.state) => state.observed(undefined) }) };
}

/** A log of a cluster with another scheduler: where a binding takes the last room of a node, that one puts a pod of its own there first. */
function rivalled(log: EventLog): EventLog {
  return appending(1, async (inner, cluster, wanted) => {
    const nodes = wanted.events.flatMap((event) => ('patch' in event && (event.patch as Partial<Pod>).spec?.nodeName) || []);
    const full = nodes.length > 0 ? await fullBut(nodes, inner, cluster) : undefined;
    if (full !== undefined)
      await inner.append(cluster, { after: wanted.after, time: wanted.time, events: [rival(full, wanted.after)], writer: `rival-${wanted.after}` });
    return inner.append(cluster, wanted);
  })(log);
}

const PODS_PER_NODE = 4;

/** The first of these nodes that has room for one more pod, and no more. */
async function fullBut(nodes: readonly string[], log: EventLog, cluster: string): Promise<string | undefined> {
  let state = State.empty;
  for await (const entry of log.read(cluster, { after: 0 })) state = evolve(state, entry.events, entry).state;
  return nodes.find((node) => state.by('node', node).filter((pod) => !isPodTerminal(pod)).length === PODS_PER_NODE - 1);
}

function rival(nodeName: string, n: number): LogEvent {
  const name = `rival-${n}`;
  const metadata = { name, namespace: 'default', uid: name, creationTimestamp: '2026-01-01T00:00:00Z' };
  const object: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: { nodeName, containers: [{ name: 'main', image: 'busybox' }] },
    status: { phase: 'Pending' },
  };
  return { type: 'ADDED', key: `pods/default/${name}`, object, actor: userNamed('another-scheduler') };
}

/** Binds a pod to node-1, and at once to node-2: the first that it sees. */
function moving(log: EventLog): EventLog {
  let moves = 1;
  return appending(1, (inner, cluster, wanted) => {
    const bound = moves > 0 && wanted.events.find((event) => 'patch' in event && (event.patch as Partial<Pod>).spec?.nodeName === 'node-1');
    if (bound) moves--;
    const moved: LogEvent[] = bound ? [{ type: 'MODIFIED', key: bound.key, patch: { spec: { nodeName: 'node-2' } }, actor: userNamed('nobody') }] : [];
    return inner.append(cluster, { ...wanted, events: [...wanted.events, ...moved] });
  })(log);
}
