import { expect, it } from 'vitest';
import { encodeEntry } from '../log/codec.ts';
import type { LogEntry } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { Cluster } from '../testing/cluster.ts';
import { START } from '../testing/env.ts';
import { namespace, node, pod } from '../testing/objects.ts';
import type { PluginObjection } from './framework.ts';
import { FilteredNodes } from './placement-reasons.ts';
import { schedulerReconciler } from './scheduler.ts';

async function entriesOf(objects: Parameters<typeof Cluster.start>[0]) {
  const log = memoryLog();
  const cluster = await Cluster.start({ ...objects, reconcilers: [schedulerReconciler()], log, now: START });
  const before = cluster.state.offset;
  await cluster.settle();
  const entries: LogEntry[] = [];
  for await (const entry of log.read('main', { after: before })) entries.push(entry);
  return entries;
}

it('A binding says in the log which nodes were not to be had, and what the best ones scored', async () => {
  const nodes = [node('a'), node('b', { taints: [{ key: 'x', effect: 'NoSchedule' }] }), node('c', { unschedulable: true }), node('d')];
  const [entry] = await entriesOf({ objects: [namespace('default'), ...nodes, pod('q', { nodeName: 'd', requests: { cpu: '2' } }), pod('p')] });
  const { placement } = entry!.events.find(({ key }) => key === 'pods/default/p')!;
  expect(placement).toMatchObject({
    filtered: expect.arrayContaining([
      ['TaintToleration', 'node(s) had untolerated taint(s)', 1, 'b'],
      ['NodeUnschedulable', 'node(s) were unschedulable', 1, 'c'],
    ]),
    best: [
      ['a', expect.any(Number)],
      ['d', expect.any(Number)],
    ],
  });
  expect(placement!.best![0]![1]).toBeGreaterThan(placement!.best![1]![1]);
});

it('What a binding says of its reasons takes few bytes for a pod, however many nodes there are', async () => {
  const nodes = Array.from({ length: 300 }, (_, i) => node(`ip-10-0-0-${i}.example`, i % 3 === 0 ? { taints: [{ key: `k${i}`, effect: 'NoSchedule' }] } : {}));
  const pods = Array.from({ length: 500 }, (_, i) => pod(`web-${i}`, { requests: { cpu: '100m' } }));
  const [entry] = await entriesOf({ objects: [namespace('default'), ...nodes, ...pods] });
  const without = { ...entry!, events: entry!.events.map(({ placement: _, ...event }) => event) };
  const bytes = (encodeEntry(entry!).length - encodeEntry(without as typeof entry & object).length) / pods.length;
  expect(entry!.events.filter(({ placement }) => placement)).toHaveLength(pods.length);
  expect(bytes).toBeLessThan(40);
});

it('Reasons are counted together whether nodes share what is against them or not, each with the plugin that gave it first and the first names', () => {
  const filtered = new FilteredNodes();
  const shared: PluginObjection = { plugin: 'One', reasons: ['x', 'y'], resolvable: true };
  for (const name of ['a', 'b']) filtered.add(name, shared);
  for (const name of ['c', 'd', 'e']) filtered.add(name, { plugin: 'Other', reasons: ['y'], resolvable: true });
  filtered.exclude(4, ['NodeAffinity']);
  expect(Object.fromEntries(filtered.counts)).toEqual({ x: 2, y: 5, "node(s) didn't satisfy plugin(s) [NodeAffinity]": 4 });
  expect([...filtered.plugins]).toEqual(['One', 'Other', 'NodeAffinity']);
  expect(filtered.reasons).toEqual({
    filtered: [
      ['One', 'y', 5, 'a', 'b', 'c'],
      ['One', 'x', 2, 'a', 'b'],
    ],
  });
});
