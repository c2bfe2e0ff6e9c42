import { describe, expect, it } from 'vitest';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';
import { ago, node, pod } from '../../testing/objects.ts';

const setCondition = (cluster: Cluster, type: string, status: string, name = 'node-1') =>
  cluster.edit(
    node(name),
    (copy) => {
      const others = (copy.status!.conditions ?? []).filter((condition) => condition.type !== type);
      copy.status = { ...copy.status, conditions: [...others, { type, status }] };
    },
    'status',
  );

/** With another one that is well: where none is Ready, nothing is evicted. */
const twoNodes = (spec: object = {}) => controlled(node('node-1', spec), node('node-2'));

const taints = (cluster: Cluster) =>
  (cluster.get(node('node-1')).spec?.taints ?? []).map(({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`);

describe('a node', () => {
  it.each([
    { type: 'Ready', status: 'True', want: [] },
    { type: 'Ready', status: 'False', want: ['not-ready:NoSchedule', 'not-ready:NoExecute'] },
    { type: 'Ready', status: 'Unknown', want: ['unreachable:NoSchedule', 'unreachable:NoExecute'] },
    { type: 'MemoryPressure', status: 'True', want: ['memory-pressure:NoSchedule'] },
    { type: 'MemoryPressure', status: 'False', want: [] },
    { type: 'DiskPressure', status: 'True', want: ['disk-pressure:NoSchedule'] },
    { type: 'PIDPressure', status: 'True', want: ['pid-pressure:NoSchedule'] },
    { type: 'NetworkUnavailable', status: 'True', want: ['network-unavailable:NoSchedule'] },
  ])('whose $type is $status has the taints $want, for as long as it is', async ({ type, status, want }) => {
    const cluster = await twoNodes();
    await setCondition(cluster, type, status);
    await cluster.settle();
    expect(taints(cluster)).toEqual(want);
    await setCondition(cluster, type, type === 'Ready' ? 'True' : 'False');
    await cluster.settle();
    expect(taints(cluster)).toEqual([]);
  });

  it('that is cordoned has a taint that says so, and keeps those of others', async () => {
    const cluster = await controlled(node('node-1', { taints: [{ key: 'dedicated', effect: 'NoSchedule' }] }));
    const cordon = (unschedulable: boolean) =>
      cluster.edit(node('node-1'), ({ spec }) => {
        spec!.unschedulable = unschedulable;
      });
    await cordon(true);
    await cluster.settle();
    expect(taints(cluster)).toEqual(['dedicated:NoSchedule', 'unschedulable:NoSchedule']);
    await cordon(false);
    await cluster.settle();
    expect(taints(cluster)).toEqual(['dedicated:NoSchedule']);
  });

  it('says since when it has the taints that evict', async () => {
    const cluster = await controlled(node('node-1', { taints: [{ key: 'down', effect: 'NoExecute' }] }));
    await cluster.settle();
    expect(cluster.get(node('node-1')).spec!.taints).toEqual([{ key: 'down', effect: 'NoExecute', timeAdded: ago(0) }]);
  });
});

describe('a pod on a node with a taint that evicts', () => {
  const down = { key: 'down', effect: 'NoExecute' };
  const setUp = async (spec: object = {}) => {
    const cluster = await controlled(node('node-1'), node('node-2'), pod('p', { nodeName: 'node-1', ...spec }));
    await cluster.settle();
    return cluster;
  };
  const taint = async (cluster: Cluster, ...of: { key: string; effect: string }[]) => {
    await cluster.edit(node('node-1'), ({ spec }) => {
      spec!.taints = of;
    });
    await cluster.settle();
  };
  const isGoing = (cluster: Cluster) => cluster.pods[0]!.metadata.deletionTimestamp !== undefined;

  it('goes at once when it does not tolerate it, and says why', async () => {
    const cluster = await setUp();
    await taint(cluster, down);
    const [evicted] = cluster.pods as [Pod];
    expect(isGoing(cluster)).toBe(true);
    expect(evicted.status!.conditions).toContainEqual({
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
      lastTransitionTime: ago(0),
      observedGeneration: 1,
    });
    expect(cluster.messages(evicted)).toEqual(['TaintManagerEviction: Marking for deletion Pod default/p']);
  });

  it.each([
    { name: 'for good', tolerations: [{ key: 'down', operator: 'Exists' }], waits: undefined },
    { name: 'for a while', tolerations: [{ key: 'down', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }], waits: 60 },
    {
      name: 'for two whiles, of which the shorter counts',
      tolerations: [
        { key: 'down', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 },
        { operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 20 },
      ],
      waits: 20,
    },
  ])('stays when it tolerates it $name', async ({ tolerations, waits }) => {
    const cluster = await setUp({ tolerations });
    await taint(cluster, down);
    expect(isGoing(cluster)).toBe(false);
    expect(await cluster.wait()).toBe(waits);
    expect(isGoing(cluster)).toBe(waits !== undefined);
  });

  it('stays when the taint is taken off in time', async () => {
    const cluster = await setUp({ tolerations: [{ key: 'down', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }] });
    await taint(cluster, down);
    await cluster.pass(30);
    await taint(cluster);
    await cluster.pass(60);
    expect(isGoing(cluster)).toBe(false);
    expect(cluster.messages(cluster.pods[0]!)).toEqual(['TaintManagerEviction: Cancelling deletion of Pod default/p']);
  });

  it('leaves a node that is not ready after five minutes', async () => {
    const cluster = await setUp();
    await setCondition(cluster, 'Ready', 'False');
    await cluster.settle();
    await cluster.pass(299);
    expect(isGoing(cluster)).toBe(false);
    await cluster.pass(1);
    expect(isGoing(cluster)).toBe(true);
  });
});
