import { describe, expect, it } from 'vitest';
import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import { userNamed } from '../kube/user.ts';
import type { PersistentVolumeClaim, StorageClass } from '../schema/generated/kinds.ts';
import type { Cluster } from '../testing/cluster.ts';
import { START, seededEnv } from '../testing/env.ts';
import { node, pod } from '../testing/objects.ts';
import { places, scheduled, schedulingEvents, unscheduled } from '../testing/scheduling.ts';
import { stateOf, stored } from '../testing/state.ts';
import type { Plugin } from './framework.ts';
import { nodeInfos } from './node-infos.ts';
import { schedulerReconciler } from './scheduler.ts';

const PREEMPTION = 'no new claims to deallocate, preemption:';

describe('placing', () => {
  it.each([
    { name: 'a pod, on the only node', given: [node('a'), pod('p')], want: ['p@a'] },
    { name: 'a pod, on the emptier node', given: [node('a'), node('b'), pod('q', { nodeName: 'a', requests: { cpu: '2' } }), pod('p')], want: ['p@b', 'q@a'] },
    {
      name: 'a pod, where it had rather be',
      given: [
        node('a'),
        node('b', { labels: { disk: 'ssd' } }),
        pod('q', { nodeName: 'b', requests: { cpu: '1' } }),
        pod('p', {
          affinity: {
            nodeAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions: [{ key: 'disk', operator: 'Exists' }] } }],
            },
          },
        }),
      ],
      want: ['p@b', 'q@b'],
    },
    {
      name: 'a pod, not where it had rather not be',
      given: [node('a', { taints: [{ key: 'x', effect: 'PreferNoSchedule' }] }), node('b'), pod('q', { nodeName: 'b', requests: { cpu: '2' } }), pod('p')],
      want: ['p@b', 'q@b'],
    },
    {
      name: 'the pod of higher priority first',
      given: [
        node('a', { allocatable: { pods: '1' } }),
        pod('low', { priority: 1, metadata: { creationTimestamp: '2025-01-01T00:00:00Z' } }),
        pod('p', { priority: 9 }),
      ],
      want: [`low: 0/1 nodes are available: 1 Too many pods. ${PREEMPTION} 0/1 nodes are available: 1 No preemption victims found for incoming pod.`, 'p@a'],
    },
    {
      name: 'the older pod first',
      given: [
        node('a', { allocatable: { pods: '1' } }),
        pod('new', { metadata: { creationTimestamp: '2025-01-02T00:00:00Z' } }),
        pod('old', { metadata: { creationTimestamp: '2025-01-01T00:00:00Z' } }),
      ],
      want: [`new: 0/1 nodes are available: 1 Too many pods. ${PREEMPTION} 0/1 nodes are available: 1 No preemption victims found for incoming pod.`, 'old@a'],
    },
    { name: 'not what another scheduler is for', given: [node('a'), pod('p', { schedulerName: 'mine' })], want: ['p: not looked at'] },
    { name: 'not what is gated', given: [node('a'), pod('p', { schedulingGates: [{ name: 'x/y' }] })], want: ['p: not looked at'] },
    { name: 'not what has ended', given: [node('a'), pod('p', { phase: 'Failed' })], want: ['p: not looked at'] },
    {
      name: 'not what is being deleted',
      given: [node('a'), { ...pod('p'), metadata: { ...pod('p').metadata, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x/y'] } }],
      want: ['p: not looked at'],
    },
  ])('$name', async ({ given, want }) => {
    const cluster = await scheduled(...given);
    expect(places(cluster)).toEqual(want);
  });

  it('spreads the replicas of a Deployment evenly over equal nodes', async () => {
    const nodes = Array.from({ length: 7 }, (_, i) => node(`n${i}`));
    const replicas = Array.from({ length: 21 }, (_, i) => pod(`web-${i}`, { labels: { app: 'web' } }));
    const cluster = await scheduled(...nodes, ...replicas);
    const counts = Map.groupBy(cluster.state.list('pods'), ({ spec }) => spec!.nodeName);
    expect([...counts.values()].map((pods) => pods.length)).toEqual(nodes.map(() => 3));
  });

  it('never takes more of a node than it has', async () => {
    const cluster = await scheduled(
      ...Array.from({ length: 3 }, (_, i) => node(`n${i}`, { allocatable: { cpu: '1' } })),
      ...Array.from({ length: 20 }, (_, i) => pod(`p${i}`, { requests: { cpu: '300m' } })),
    );
    const counts = Map.groupBy(cluster.state.list('pods'), ({ spec }) => spec!.nodeName ?? 'none');
    expect([...counts].map(([at, pods]) => [at, pods.length]).sort()).toEqual([
      ['n0', 3],
      ['n1', 3],
      ['n2', 3],
      ['none', 11],
    ]);
  });

  it('says what it did, in its own name and because of the pod', async () => {
    const cluster = await scheduled(node('a'), pod('p'));
    const [bind] = cluster.mutations;
    expect(bind).toMatchObject({ type: 'bind', name: 'p', node: 'a', uid: 'uid-p', actor: userNamed('system:kube-scheduler'), cause: 3 });
    expect(schedulingEvents(cluster)).toEqual(['Normal Scheduled x1 Successfully assigned default/p to a']);
    expect(cluster.pod('p')!.status!.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }]);
  });
});

describe('a pod that fits nowhere', () => {
  const asking = (requests: Record<string, string>, more: object = {}) => pod('p', { requests, ...more });
  const filler = (on: string, priority = 0) => pod(`filler-${on}`, { nodeName: on, requests: { cpu: '3' }, priority });

  it.each([
    { name: 'for want of nodes', given: [pod('p')], want: 'no nodes available to schedule pods' },
    {
      name: 'for what is taken, and for taints',
      given: [node('a'), node('b'), node('c', { taints: [{ key: 'x', effect: 'NoSchedule' }] }), filler('a'), filler('b'), asking({ cpu: '2' })],
      want: `0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. ${PREEMPTION} 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.`,
    },
    {
      name: 'for more than any node has',
      given: [node('a'), node('b'), asking({ cpu: '64', memory: '1Ti' })],
      want: `0/2 nodes are available: 2 Insufficient cpu, 2 Insufficient memory. ${PREEMPTION} 0/2 nodes are available: 2 Preemption is not helpful for scheduling.`,
    },
    {
      name: 'for different reasons',
      given: [
        node('a', { unschedulable: true }),
        node('b', { labels: { zone: 'z' } }),
        node('c'),
        filler('b'),
        asking({ cpu: '2' }, { nodeSelector: { zone: 'z' } }),
      ],
      want: `0/3 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) were unschedulable. ${PREEMPTION} 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.`,
    },
    {
      name: 'of a DaemonSet, for its own node',
      given: [
        node('a'),
        node('b'),
        node('c'),
        filler('a'),
        asking(
          { cpu: '2' },
          {
            affinity: {
              nodeAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: {
                  nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }],
                },
              },
            },
          },
        ),
      ],
      want: `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. ${PREEMPTION} 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.`,
    },
    {
      name: 'for want of a claim',
      given: [node('a'), pod('p', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] })],
      want: '0/1 nodes are available: persistentvolumeclaim "c" not found. not found',
    },
    {
      name: 'and does not push others away',
      given: [node('a'), filler('a'), asking({ cpu: '2' }, { preemptionPolicy: 'Never' })],
      want: `0/1 nodes are available: 1 Insufficient cpu. ${PREEMPTION} not eligible due to preemptionPolicy=Never.`,
    },
  ])('$name', async ({ given, want }) => {
    const cluster = await scheduled(...given);
    expect(cluster.pod('p')!.status!.conditions).toEqual([
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: want, lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 1 },
    ]);
    expect(schedulingEvents(cluster)).toEqual([`Warning FailedScheduling x1 ${want}`]);
  });
});

describe('a pod that waits', () => {
  const waiting = (requests: Record<string, string>, more: object = {}) => pod('p', { requests, ...more });
  const full = () => [node('a', { allocatable: { cpu: '1' } }), pod('q', { nodeName: 'a', requests: { cpu: '1' } })];
  it.each([
    {
      name: 'a node is added',
      given: [...full(), waiting({ cpu: '1' })],
      change: async (cluster: Cluster) => {
        await cluster.create(node('b'));
        // It is ready: the controllers take off the taint that it was created with.
        await cluster.update(node('b'));
      },
      want: 'b',
    },
    {
      name: 'its node is uncordoned',
      given: [node('a', { unschedulable: true }), waiting({})],
      change: (cluster: Cluster) => cluster.update(node('a')),
      want: 'a',
    },
    {
      name: 'a taint is taken off',
      given: [node('a', { taints: [{ key: 'x', effect: 'NoSchedule' }] }), waiting({})],
      change: (cluster: Cluster) => cluster.update(node('a')),
      want: 'a',
    },
    {
      name: 'a node gets the label that it asks for',
      given: [node('a'), waiting({}, { nodeSelector: { disk: 'ssd' } })],
      change: (cluster: Cluster) => cluster.update(node('a', { labels: { disk: 'ssd' } })),
      want: 'a',
    },
    {
      name: 'its node gets larger',
      given: [...full(), waiting({ cpu: '1' })],
      change: (cluster: Cluster) => cluster.update(node('a', { allocatable: { cpu: '2' } }), 'status'),
      want: 'a',
    },
    {
      name: 'a pod is deleted',
      given: [...full(), waiting({ cpu: '1' })],
      change: (cluster: Cluster) => cluster.delete(pod('q'), { gracePeriodSeconds: 0 }),
      want: 'a',
    },
    {
      name: 'a pod ends',
      given: [...full(), waiting({ cpu: '1' })],
      change: (cluster: Cluster) => cluster.update({ ...cluster.pod('q')!, status: { phase: 'Succeeded' } }, 'status'),
      want: 'a',
    },
    {
      name: 'its claim comes',
      given: [node('a'), waiting({}, { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }), lateClass],
      change: (cluster: Cluster) => cluster.create(claim('c', 'late')),
      want: 'a',
    },
    {
      name: 'its gate opens',
      given: [node('a'), waiting({}, { schedulingGates: [{ name: 'x/y' }] })],
      change: async (cluster: Cluster) => {
        const { schedulingGates: _, ...spec } = cluster.pod('p')!.spec!;
        await cluster.update({ ...cluster.pod('p')!, spec });
      },
      want: 'a',
    },
  ])('is looked at again when $name', async ({ given, change, want }) => {
    const cluster = await scheduled(...given);
    expect(cluster.pod('p')!.spec!.nodeName).toBeUndefined();
    await change(cluster);
    await cluster.settle();
    expect(cluster.pod('p')!.spec!.nodeName).toBe(want);
  });

  it('is told of once, however often it is looked at, and again when the reasons differ', async () => {
    const cluster = await scheduled(...full(), waiting({ cpu: '1' }));
    for (const name of ['b', 'c']) {
      await cluster.create(node(name, { unschedulable: true }));
      expect(await cluster.settle()).toBe(1);
    }
    await cluster.update(node('b', { unschedulable: true, labels: { x: 'y' } }));
    expect(await cluster.settle()).toBe(0);
    expect(schedulingEvents(cluster)).toHaveLength(3);
  });

  it('does not keep others from being looked at, however many wait', async () => {
    const hopeless = Array.from({ length: 3_000 }, (_, i) =>
      pod(`a${i}`, { requests: { cpu: '64' }, metadata: { creationTimestamp: '2025-01-01T00:00:00Z' } }),
    );
    const cluster = await unscheduled(node('a'), ...hopeless, pod('p'));
    expect(await cluster.settle()).toBe(2);
    expect(cluster.pod('p')!.spec!.nodeName).toBe('a');
    await cluster.create({ ...pod('q', { serviceAccountName: 'default' }), status: {} });
    expect(await cluster.settle()).toBe(1);
  });
});

const claim = (name: string, storageClassName: string): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default' },
  spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
});

const lateClass: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'late' },
  provisioner: 'example.com/disks',
  volumeBindingMode: 'WaitForFirstConsumer',
};

describe('a pass', () => {
  const nodes = Array.from({ length: 2_000 }, (_, i) => node(`n${i}`, { allocatable: { pods: '1' } }));

  it('for one pod looks at no more nodes than it takes to choose a good one', () => {
    let looked = 0;
    const counting: Plugin = {
      name: 'Counting',
      filter: () => {
        looked++;
        return undefined;
      },
    };
    const state = stateOf([...nodes, pod('p')].map((object) => stored(object)));
    schedulerReconciler({ plugins: [counting] }).reconcile({
      state,
      changes: undefined,
      due: [],
      failures: [],
      waiting: new Set(),
      plugins: defaultAdmissionPlugins,
      now: START,
      env: seededEnv(),
    });
    // 34 %, as percentageOfNodesToScore has it for 2,000 nodes.
    expect(looked).toBe(680);
  });

  it('places pods without a trace in the state that it was given', () => {
    const state = stateOf([...nodes, ...nodes.map((_, i) => pod(`p${i}`))].map((object) => stored(object)));
    const before = state.view(nodeInfos).all.slice();
    const { mutations } = schedulerReconciler().reconcile({
      state,
      changes: undefined,
      due: [],
      failures: [],
      waiting: new Set(),
      plugins: defaultAdmissionPlugins,
      now: START,
      env: seededEnv(),
    });
    expect(mutations.filter(({ type }) => type === 'bind')).toHaveLength(2_000);
    expect(state.view(nodeInfos).all.every((info, i) => info === before[i] && info.bound.count === 0)).toBe(true);
  });
});

it('Binding goes along with what the pod needs there', async () => {
  const given = [node('a'), { ...claim('c', 'late'), metadata: { name: 'c', namespace: 'default', uid: 'uid-c' } }, lateClass];
  const cluster = await scheduled(...given, pod('p', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }));
  expect(cluster.mutations.map(({ type, resource }) => `${type} ${resource}`)).toEqual(['update persistentvolumeclaims', 'bind pods', 'create events']);
  expect(cluster.state.get('persistentvolumeclaims', 'default', 'c')!.metadata.annotations).toEqual({ 'volume.kubernetes.io/selected-node': 'a' });
});

it('Ten thousand pods on a thousand nodes take a few passes', async () => {
  const nodes = Array.from({ length: 1_000 }, (_, i) => node(`n${i}`));
  const pods = Array.from({ length: 10_000 }, (_, i) => pod(`p${i}`, { requests: { cpu: '100m' } }));
  const cluster = await unscheduled(...nodes, ...pods);
  expect(await cluster.settle()).toBe(4);
  const counts = Map.groupBy(cluster.state.list('pods'), ({ spec }) => spec!.nodeName);
  expect(Math.max(...[...counts.values()].map((on) => on.length)) - Math.min(...[...counts.values()].map((on) => on.length))).toBeLessThan(3);
});
