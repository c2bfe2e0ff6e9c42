import { describe, expect, it } from 'vitest';
import { LOST, LOST_SINCE } from '../../apis/core/node-agent.ts';
import { nodeObjects } from '../../nodes/node-objects.ts';
import { nodesReconciler } from '../../nodes/nodes.ts';
import { simulatedRuntime } from '../../nodes/runtimes/simulated.ts';
import type { Node } from '../../schema/generated/kinds.ts';
import { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';
import { START } from '../../testing/env.ts';
import { line } from '../../testing/node-agents.ts';
import { configMap, namespace, node, pod } from '../../testing/objects.ts';
import { controllersReconciler, controllersWith } from '../registry.ts';

const conditionsOf = ({ status }: Node) => (status?.conditions ?? []).map(({ type, status, reason }) => `${type} ${status} ${reason}`);
const taintsOf = ({ spec }: Node) => (spec?.taints ?? []).map(({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`);

describe('a machine that never said anything', () => {
  const bare = node('bare', { providerID: 'other://x' });

  const born = { ...bare, status: { capacity: { cpu: '4', memory: '8Gi', pods: '20' } } };

  it('keeps what nothing is scheduled by, and is unknown a minute after it was created', async () => {
    const cluster = await controlled(node('node-1'), born);
    await cluster.pass(60);
    expect(taintsOf(cluster.get(bare))).toEqual(['not-ready:NoSchedule']);
    expect(conditionsOf(cluster.get(bare))).toEqual([]);
    expect(await cluster.wait()).toBeLessThan(1);
    expect(cluster.get(bare).status!.conditions).toMatchObject(
      ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => ({
        type,
        status: 'Unknown',
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
        lastHeartbeatTime: cluster.get(bare).metadata.creationTimestamp,
      })),
    );
    expect(taintsOf(cluster.get(bare))).toEqual(['unreachable:NoSchedule', 'unreachable:NoExecute']);
  });

  it('is heard of by a Lease that is renewed', async () => {
    const cluster = await controlled(namespace('kube-node-lease'), node('node-1'), born);
    await cluster.settle();
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'bare', namespace: 'kube-node-lease' } };
    await cluster.pass(50);
    await cluster.create({ ...lease, spec: { holderIdentity: 'bare', renewTime: new Date(cluster.now).toISOString() } });
    await cluster.pass(59);
    expect(conditionsOf(cluster.get(bare))).toEqual([]);
    await cluster.pass(2);
    expect(conditionsOf(cluster.get(bare))).toHaveLength(4);
  });
});

describe('a node whose agent is lost', () => {
  /** Two nodes, the pods where they are told to, controllers and agents; and a Service of them. */
  async function setUp(...pods: ReturnType<typeof pod>[]) {
    const reconcilers = [controllersReconciler(controllersWith({ eventTtlMs: 0 })), nodesReconciler({ runtime: simulatedRuntime })];
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    };
    const cluster = await Cluster.start({ reconcilers, objects: [namespace('default'), ...nodeObjects(2, START), service], now: START });
    for (const each of pods) await cluster.create(each);
    await cluster.runUntil(START + 10_000);
    return cluster;
  }
  const web = pod('web', { nodeName: 'node-1' });
  const first = node('node-1');
  const switched = (value: string) => async (cluster: Cluster) => {
    await cluster.edit(first, ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, [LOST]: value };
    });
    await cluster.settle();
  };
  const [lose, find] = [switched('true'), switched('false')];
  const patch = (cluster: Cluster, status: string) =>
    cluster.edit(
      first,
      (copy) => {
        copy.status!.conditions!.find(({ type }) => type === 'Ready')!.status = status;
      },
      'status',
    );
  const ready = (cluster: Cluster) => cluster.pod('web')!.status!.conditions!.find(({ type }) => type === 'Ready')!.status;
  const endpoints = (cluster: Cluster) =>
    cluster
      .list('endpointslices.discovery.k8s.io')
      .filter(({ metadata }) => metadata.name !== 'kubernetes')
      .flatMap(({ endpoints }) => (endpoints ?? []).map(({ conditions }) => conditions!.ready));

  it('is unknown fifty seconds later, with its pods not ready and out of endpoints', async () => {
    const cluster = await setUp(web);
    expect([ready(cluster), endpoints(cluster)]).toEqual(['True', [true]]);
    await lose(cluster);
    await cluster.pass(50);
    expect(ready(cluster)).toBe('True');
    await cluster.pass(1);
    expect(cluster.get(first).status!.conditions).toMatchObject(
      ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({
        type,
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
      })),
    );
    expect(taintsOf(cluster.get(first))).toEqual(['unreachable:NoSchedule', 'unreachable:NoExecute']);
    expect([ready(cluster), endpoints(cluster)]).toEqual(['False', [false]]);
    expect(cluster.messages(first)).toContain('NodeNotReady: Node node-1 status is now: NodeNotReady');
    expect(cluster.messages(web)).toContain('NodeNotReady: Node is not ready');
  });

  it('starts nothing, and ends nothing', async () => {
    const cluster = await setUp(web);
    await lose(cluster);
    await cluster.create(pod('late', { nodeName: 'node-1' }));
    await cluster.delete(web);
    await cluster.pass(120);
    expect(line(cluster.pod('late')!.status)).toBe('Pending');
    expect(cluster.pod('web')!.metadata.deletionTimestamp).toBeDefined();
  });

  it('has its pods wait in Terminating once their tolerations end, until it is back', async () => {
    const cluster = await setUp(web);
    await lose(cluster);
    await cluster.pass(51);
    await cluster.pass(299);
    expect(cluster.pod('web')!.metadata.deletionTimestamp).toBeUndefined();
    await cluster.pass(2);
    expect(cluster.pod('web')).toMatchObject({ metadata: { deletionTimestamp: expect.any(String) } });
    expect(cluster.pod('web')!.status!.conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', reason: 'DeletionByTaintManager' }));
    await cluster.pass(3600);
    expect(cluster.pod('web')).toBeDefined();
    await find(cluster);
    await cluster.runUntil(cluster.now + 60_000);
    expect(cluster.pod('web')).toBeUndefined();
  });

  it('has its pods ready again when it is back, and says so', async () => {
    const cluster = await setUp(web);
    await lose(cluster);
    await cluster.pass(60);
    await find(cluster);
    await cluster.settle();
    expect(conditionsOf(cluster.get(first)).at(-1)).toBe('Ready True KubeletReady');
    expect(cluster.get(first).metadata.annotations?.[LOST_SINCE]).toBeUndefined();
    expect([taintsOf(cluster.get(first)), ready(cluster), endpoints(cluster)]).toEqual([[], 'True', [true]]);
    expect(cluster.messages(first)).toContain('NodeReady: Node node-1 status is now: NodeReady');
  });

  it('comes back unnoticed within the grace period', async () => {
    const cluster = await setUp(web);
    await lose(cluster);
    await cluster.pass(40);
    await find(cluster);
    await cluster.pass(100);
    expect(ready(cluster)).toBe('True');
    expect(cluster.messages(first).filter((message) => message.includes('status is now'))).toEqual([]);
  });

  it.each(['nodes', 'zones'])('is as lost by a fault of its cluster, by %s', async (key) => {
    const cluster = await setUp(web);
    await cluster.put(namespace('kube-system'));
    const faults = configMap('faults', { namespace: 'kube-system', data: { [key]: key === 'nodes' ? 'node-1' : 'eu-west-1a, eu-west-1f' } });
    await cluster.create(faults);
    await cluster.settle();
    await cluster.pass(51);
    expect([ready(cluster), cluster.list('nodes').map(({ metadata }) => metadata.annotations?.[LOST_SINCE] !== undefined)]).toEqual(['False', [true, false]]);
    await cluster.delete(faults);
    await cluster.settle();
    expect([ready(cluster), taintsOf(cluster.get(first))]).toEqual(['True', []]);
  });

  it('is as lost when its Ready condition is patched to Unknown', async () => {
    const cluster = await setUp(web);
    await patch(cluster, 'Unknown');
    await cluster.create(pod('late', { nodeName: 'node-1' }));
    await cluster.pass(10);
    expect([ready(cluster), line(cluster.pod('late')!.status)]).toEqual(['False', 'Pending']);
    await patch(cluster, 'True');
    await cluster.pass(10);
    expect([ready(cluster), line(cluster.pod('late')!.status)]).toEqual(['True', 'Running main=running+ready']);
  });

  it('whose Ready is False starts nothing, and stops what is deleted', async () => {
    const cluster = await setUp(web);
    await patch(cluster, 'False');
    await cluster.create(pod('late', { nodeName: 'node-1' }));
    await cluster.delete(web);
    await cluster.runUntil(cluster.now + 40_000);
    expect([cluster.pod('web'), line(cluster.pod('late')!.status)]).toEqual([undefined, 'Pending']);
  });
});

describe('nodes that are lost together', () => {
  const zoned = (name: string, zone: string) => node(name, { labels: { 'topology.kubernetes.io/region': 'r', 'topology.kubernetes.io/zone': zone } });
  const several = (zone: string, count: number) => Array.from({ length: count }, (_, i) => zoned(`${zone}-${i}`, zone));
  async function lost(nodes: readonly Node[], which: (name: string) => boolean) {
    const cluster = await controlled(...nodes);
    await cluster.settle();
    for (const each of nodes.filter(({ metadata }) => which(metadata.name))) await setUnknown(cluster, each);
    await cluster.settle();
    return cluster;
  }
  const setUnknown = (cluster: Cluster, each: Node) =>
    cluster.edit(
      each,
      (copy) => {
        copy.status!.conditions = [{ type: 'Ready', status: 'Unknown' }];
      },
      'status',
    );
  const evicted = (cluster: Cluster) => cluster.list('nodes').filter((each) => taintsOf(each).includes('unreachable:NoExecute')).length;

  it('are evicted one after another, ten seconds between two of a zone', async () => {
    const cluster = await lost([...several('a', 3), ...several('b', 3)], (name) => name !== 'a-0' && name !== 'b-0');
    const counts = [evicted(cluster)];
    for (let i = 0; i < 3; i++) {
      await cluster.pass(10);
      counts.push(evicted(cluster));
    }
    expect(counts).toEqual([2, 4, 4, 4]);
  });

  it('as a whole zone are evicted too, for there are others', async () => {
    const cluster = await lost([...several('a', 3), ...several('b', 1)], (name) => name.startsWith('a'));
    await cluster.pass(10);
    await cluster.pass(10);
    expect(evicted(cluster)).toBe(3);
  });

  it.each([
    { size: 10, lost: 6, after: 600, want: 0 },
    { size: 10, lost: 5, after: 40, want: 5 },
    { size: 52, lost: 30, after: 99, want: 1 },
    { size: 52, lost: 30, after: 101, want: 2 },
  ])('in a zone of $size, $lost of them, are $want after $after seconds', async ({ size, lost: count, after, want }) => {
    const cluster = await lost([...several('a', size), ...several('b', 1)], (name) => name.startsWith('a') && Number(name.slice(2)) < count);
    await cluster.runUntil(cluster.now + after * 1000);
    expect(evicted(cluster)).toBe(want);
  });

  it('are not evicted where no node is Ready at all, and what was begun is taken back', async () => {
    const nodes = [zoned('a-0', 'a'), zoned('b-0', 'b')];
    const cluster = await lost(nodes, (name) => name === 'a-0');
    expect(evicted(cluster)).toBe(1);
    await setUnknown(cluster, nodes[1]!);
    await cluster.pass(600);
    expect(evicted(cluster)).toBe(0);
    expect(taintsOf(cluster.get(nodes[1]!))).toEqual(['unreachable:NoSchedule']);
  });
});

describe('a node', () => {
  it('is told of when it comes and when it goes, once', async () => {
    const cluster = await controlled(node('node-1'));
    await cluster.settle();
    cluster.restart();
    await cluster.pass(60);
    await cluster.settle();
    expect(cluster.messages(node('node-1'))).toEqual(['RegisteredNode: Node node-1 event: Registered Node node-1 in Controller']);
    await cluster.create(node('node-2'));
    await cluster.settle();
    await cluster.delete(node('node-2'));
    await cluster.settle();
    expect(
      cluster
        .list('events')
        .map(({ reason, message }) => `${reason}: ${message}`)
        .sort(),
    ).toEqual([
      'RegisteredNode: Node node-1 event: Registered Node node-1 in Controller',
      'RegisteredNode: Node node-2 event: Registered Node node-2 in Controller',
      'RemovingNode: Node node-2 event: Removing Node node-2 from Controller',
    ]);
  });

  it('has the labels of old beside those of today', async () => {
    const cluster = await controlled(
      node('node-1', { labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64', 'beta.kubernetes.io/arch': 'arm64' } }),
    );
    await cluster.settle();
    expect(cluster.get(node('node-1')).metadata.labels).toMatchObject({ 'beta.kubernetes.io/os': 'linux', 'beta.kubernetes.io/arch': 'amd64' });
  });
});
