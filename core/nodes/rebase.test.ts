import { describe, expect, it } from 'vitest';
import { type KubeObject, keyOf } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { LogEvent } from '../log/event.ts';
import type { Attributed } from '../reconcile/reconciler.ts';
import type { Node, Pod } from '../schema/generated/kinds.ts';
import { Cluster } from '../testing/cluster.ts';
import { START } from '../testing/env.ts';
import { boundPod } from '../testing/node-agents.ts';
import { configMap, namespace } from '../testing/objects.ts';
import { overtakenLog } from '../testing/overtaken-log.ts';
import { keyOfObject, stored } from '../testing/state.ts';
import { nodeObjects } from './node-objects.ts';
import { nodesReconciler } from './nodes.ts';
import { simulatedRuntime } from './runtimes/simulated.ts';

/** What another writer does while a pass of the node agents is on its way to the log, and which pods and nodes that costs another decision (docs/decisions/0015-rebase.md). */

const actor = userNamed('another');
const podKey = (name: string) => keyOf('pods', 'default', name);
const added = (object: KubeObject): LogEvent => ({ type: 'ADDED', key: keyOfObject(object), object: stored(object, START), actor });
const patched = (key: string, patch: object): LogEvent => ({ type: 'MODIFIED', key, patch: patch as Record<string, unknown>, actor });
const deleted = (key: string): LogEvent => ({ type: 'DELETED', key, actor });

/** Which pods were taken in or refused, and which nodes registered, how often. */
async function overtaken(objects: readonly KubeObject[], events: readonly LogEvent[], { by = 'system:node:node-1', before = [] as KubeObject[] } = {}) {
  const log = overtakenLog();
  const cluster = await Cluster.start({
    reconcilers: [nodesReconciler({ runtime: simulatedRuntime })],
    objects: [namespace('default'), ...nodeObjects(2, START), ...before],
    now: START,
    log,
  });
  await cluster.settle();
  await cluster.put(...objects);
  log.overtake(by, () => events);
  await cluster.settle();
  const firsts = cluster.mutations.flatMap(firstSight);
  return { cluster, again: [...Map.groupBy(firsts, (name) => name)].filter(([, times]) => times.length > 1).map(([name]) => name) };
}

/** The pod that a status is the first of, the node that gets its range of addresses. */
function firstSight(mutation: Attributed): string[] {
  if (mutation.type !== 'update') return [];
  const { metadata, spec, status } = mutation.object as Pod & Node;
  if (mutation.resource === 'nodes') return spec?.podCIDR ? [metadata.name] : [];
  return mutation.resource === 'pods' && !status!.podIP && status!.phase !== 'Running' ? [metadata.name] : [];
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('of 20 new pods on two nodes', () => {
  const old = boundPod({ name: 'old', metadata: { uid: 'old' } });
  const all = numbered(10).flatMap((i) => [boundPod({ name: `one-${i}` }), boundPod({ name: `two-${i}`, nodeName: 'node-2' })]);
  const onOne = numbered(10).map((i) => `one-${i}`);

  it.each([
    { name: 'a ConfigMap', event: added(configMap('a')), again: [] },
    { name: 'another pod that is bound to a node', event: added(boundPod({ name: 'late' })), again: [] },
    { name: 'the end of a pod that was there', event: patched(podKey('old'), { status: { phase: 'Succeeded' } }), again: [] },
    { name: 'a condition of a pod that was there', event: patched(podKey('old'), { status: { message: 'still well' } }), again: [] },
    { name: 'another node', event: added({ ...nodeObjects(3, START)[2]! }), again: [] },
    { name: 'a label of one', event: patched(podKey('one-3'), { metadata: { labels: { a: 'b' } } }), again: ['one-3'] },
    { name: 'another address of a pod that was there', event: patched(podKey('old'), { status: { podIP: '10.244.1.3' } }), again: onOne },
    { name: 'a label of their node', event: patched('nodes//node-1', { metadata: { labels: { a: 'b' } } }), again: onOne },
  ])('$name costs only those another decision that rest on it', async ({ event, again }) => {
    const result = await overtaken(all, [event], { before: [old] });
    expect(result.again.sort()).toEqual(again);
    const addresses = result.cluster.pods.filter(({ status }) => status?.phase === 'Running').map(({ status }) => status!.podIP);
    expect(addresses.length).toBeGreaterThanOrEqual(20);
    expect(new Set(addresses).size).toBe(addresses.length);
  });
});

it('a pod that was refused for what another one has taken is decided again when that one was never taken in', async () => {
  const large = { requests: { cpu: '1500m' } };
  const { cluster, again } = await overtaken([boundPod({ name: 'a', ...large }), boundPod({ name: 'b', ...large })], [deleted(podKey('a'))]);
  expect(again).toEqual(['b']);
  expect(cluster.pod('b')!.status!.phase).toBe('Running');
});

it('a node gets another number than one that comes first, and the others keep theirs', async () => {
  const byHand = (name: string): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, uid: name }, spec: { providerID: `logplane:///a/${name}` } });
  const pods = [boundPod({ name: 'a' })];
  const foreign: Node = { ...byHand('foreign'), spec: { podCIDR: '10.244.3.0/24' } };
  const { cluster, again } = await overtaken([...pods, byHand('new')], [added(foreign)], { by: 'system:node:new' });
  expect(again).toEqual(['new']);
  const ranges = cluster.list('nodes').map(({ spec }) => spec!.podCIDR);
  expect(ranges.sort()).toEqual(['10.244.1.0/24', '10.244.2.0/24', '10.244.3.0/24', '10.244.4.0/24']);
});
