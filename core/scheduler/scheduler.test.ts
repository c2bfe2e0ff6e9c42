import { describe, expect, it } from 'vitest';
import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import type { KubeObject } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import { stateOf } from '../state/testing.ts';
import type { Plugin } from './framework.ts';
import { nodeInfos } from './node-infos.ts';
import { schedulerReconciler } from './scheduler.ts';
import { NOW, node, pod, SchedulerCluster, seededEnv } from './testing.ts';

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
      given: [node('a', { allocatable: { pods: '1' } }), pod('low', { priority: 1, created: '2025-01-01T00:00:00Z' }), pod('p', { priority: 9 })],
      want: [`low: 0/1 nodes are available: 1 Too many pods. ${PREEMPTION} 0/1 nodes are available: 1 No preemption victims found for incoming pod.`, 'p@a'],
    },
    {
      name: 'the older pod first',
      given: [node('a', { allocatable: { pods: '1' } }), pod('new', { created: '2025-01-02T00:00:00Z' }), pod('old', { created: '2025-01-01T00:00:00Z' })],
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
  ])('$name', ({ given, want }) => {
    const cluster = new SchedulerCluster(...given);
    cluster.settle();
    expect(cluster.places()).toEqual(want);
  });

  it('spreads the replicas of a Deployment evenly over equal nodes', () => {
    const nodes = Array.from({ length: 7 }, (_, i) => node(`n${i}`));
    const replicas = Array.from({ length: 21 }, (_, i) => pod(`web-${i}`, { labels: { app: 'web' } }));
    const cluster = new SchedulerCluster(...nodes, ...replicas);
    cluster.settle();
    const counts = Map.groupBy(cluster.state.list<Pod>('pods'), ({ spec }) => spec!.nodeName);
    expect([...counts.values()].map((pods) => pods.length)).toEqual(nodes.map(() => 3));
  });

  it('never takes more of a node than it has', () => {
    const cluster = new SchedulerCluster(
      ...Array.from({ length: 3 }, (_, i) => node(`n${i}`, { allocatable: { cpu: '1' } })),
      ...Array.from({ length: 20 }, (_, i) => pod(`p${i}`, { requests: { cpu: '300m' } })),
    );
    cluster.settle();
    const counts = Map.groupBy(cluster.state.list<Pod>('pods'), ({ spec }) => spec!.nodeName ?? 'none');
    expect([...counts].map(([at, pods]) => [at, pods.length]).sort()).toEqual([
      ['n0', 3],
      ['n1', 3],
      ['n2', 3],
      ['none', 11],
    ]);
  });

  it('says what it did, in its own name and because of the pod', () => {
    const cluster = new SchedulerCluster(node('a'), pod('p'));
    const [bind] = cluster.pass();
    expect(bind).toMatchObject({ type: 'bind', name: 'p', node: 'a', uid: 'uid-p', actor: userNamed('system:kube-scheduler'), cause: 3 });
    expect(cluster.events()).toEqual(['Normal Scheduled x1 Successfully assigned default/p to a']);
    expect(cluster.pod('p').status!.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }]);
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
      want: '0/1 nodes are available: persistentvolumeclaim "c" not found.',
    },
    {
      name: 'and does not push others away',
      given: [node('a'), filler('a'), asking({ cpu: '2' }, { preemptionPolicy: 'Never' })],
      want: `0/1 nodes are available: 1 Insufficient cpu. ${PREEMPTION} not eligible due to preemptionPolicy=Never.`,
    },
    {
      name: 'though others could go for it, which is not tried',
      given: [node('a'), filler('a', 1), asking({ cpu: '2' }, { priority: 5 })],
      want: '0/1 nodes are available: 1 Insufficient cpu.',
    },
  ])('$name', ({ given, want }) => {
    const cluster = new SchedulerCluster(...given);
    cluster.settle();
    expect(cluster.pod('p').status!.conditions).toEqual([
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: want, lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 1 },
    ]);
    expect(cluster.events()).toEqual([`Warning FailedScheduling x1 ${want}`]);
  });
});

describe('a pod that waits', () => {
  const waiting = (requests: Record<string, string>, more: object = {}) => pod('p', { requests, ...more });
  const full = () => [node('a', { allocatable: { cpu: '1' } }), pod('q', { nodeName: 'a', requests: { cpu: '1' } })];
  const create = (cluster: SchedulerCluster, resource: string, object: KubeObject) => {
    const { uid: _, ...metadata } = object.metadata;
    cluster.change({ type: 'create', resource, object: { ...object, metadata } });
  };

  it.each([
    {
      name: 'a node is added',
      given: [...full(), waiting({ cpu: '1' })],
      change: (cluster: SchedulerCluster) => {
        create(cluster, 'nodes', node('b'));
        // It is ready: the controllers take off the taint that it was created with.
        cluster.update('nodes', node('b'));
      },
      want: 'b',
    },
    {
      name: 'its node is uncordoned',
      given: [node('a', { unschedulable: true }), waiting({})],
      change: (cluster: SchedulerCluster) => cluster.update('nodes', node('a')),
      want: 'a',
    },
    {
      name: 'a taint is taken off',
      given: [node('a', { taints: [{ key: 'x', effect: 'NoSchedule' }] }), waiting({})],
      change: (cluster: SchedulerCluster) => cluster.update('nodes', node('a')),
      want: 'a',
    },
    {
      name: 'a node gets the label that it asks for',
      given: [node('a'), waiting({}, { nodeSelector: { disk: 'ssd' } })],
      change: (cluster: SchedulerCluster) => cluster.update('nodes', node('a', { labels: { disk: 'ssd' } })),
      want: 'a',
    },
    {
      name: 'its node gets larger',
      given: [...full(), waiting({ cpu: '1' })],
      change: (cluster: SchedulerCluster) => cluster.update('nodes', node('a', { allocatable: { cpu: '2' } }), 'status'),
      want: 'a',
    },
    {
      name: 'a pod is deleted',
      given: [...full(), waiting({ cpu: '1' })],
      change: (cluster: SchedulerCluster) => cluster.change({ type: 'delete', resource: 'pods', namespace: 'default', name: 'q', gracePeriodSeconds: 0 }),
      want: 'a',
    },
    {
      name: 'a pod ends',
      given: [...full(), waiting({ cpu: '1' })],
      change: (cluster: SchedulerCluster) => cluster.update('pods', { ...cluster.pod('q'), status: { phase: 'Succeeded' } }, 'status'),
      want: 'a',
    },
    {
      name: 'its claim comes',
      given: [node('a'), waiting({}, { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }), lateClass],
      change: (cluster: SchedulerCluster) => create(cluster, 'persistentvolumeclaims', claim('c', 'late')),
      want: 'a',
    },
    {
      name: 'its gate opens',
      given: [node('a'), waiting({}, { schedulingGates: [{ name: 'x/y' }] })],
      change: (cluster: SchedulerCluster) => {
        const { schedulingGates: _, ...spec } = cluster.pod('p').spec!;
        cluster.update('pods', { ...cluster.pod('p'), spec });
      },
      want: 'a',
    },
  ])('is looked at again when $name', ({ given, change, want }) => {
    const cluster = new SchedulerCluster(...given);
    cluster.settle();
    expect(cluster.pod('p').spec!.nodeName).toBeUndefined();
    change(cluster);
    cluster.settle();
    expect(cluster.pod('p').spec!.nodeName).toBe(want);
  });

  it('is told of once, however often it is looked at, and again when the reasons differ', () => {
    const cluster = new SchedulerCluster(...full(), waiting({ cpu: '1' }));
    cluster.settle();
    for (const name of ['b', 'c']) {
      create(cluster, 'nodes', node(name, { unschedulable: true }));
      expect(cluster.settle()).toBe(1);
    }
    cluster.update('nodes', node('b', { unschedulable: true, labels: { x: 'y' } }));
    expect(cluster.settle()).toBe(0);
    expect(cluster.events()).toHaveLength(3);
  });

  it('does not keep others from being looked at, however many wait', () => {
    const hopeless = Array.from({ length: 3_000 }, (_, i) => pod(`a${i}`, { requests: { cpu: '64' }, created: '2025-01-01T00:00:00Z' }));
    const cluster = new SchedulerCluster(node('a'), ...hopeless, pod('p'));
    expect(cluster.settle()).toBe(2);
    expect(cluster.pod('p').spec!.nodeName).toBe('a');
    create(cluster, 'pods', { ...pod('q', { serviceAccountName: 'default' }), status: {} });
    expect(cluster.settle()).toBe(1);
  });
});

const claim = (name: string, storageClassName: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default' },
  spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
});

const lateClass: KubeObject = {
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
    const state = stateOf([...nodes, pod('p')]);
    schedulerReconciler({ plugins: [counting] }).reconcile({
      state,
      changes: undefined,
      due: [],
      failures: [],
      waiting: new Set(),
      plugins: defaultAdmissionPlugins,
      now: NOW,
      env: seededEnv(),
    });
    // 34 %, as percentageOfNodesToScore has it for 2,000 nodes.
    expect(looked).toBe(680);
  });

  it('places pods without a trace in the state that it was given', () => {
    const state = stateOf([...nodes, ...nodes.map((_, i) => pod(`p${i}`))]);
    const before = state.view(nodeInfos).all.slice();
    const { mutations } = schedulerReconciler().reconcile({
      state,
      changes: undefined,
      due: [],
      failures: [],
      waiting: new Set(),
      plugins: defaultAdmissionPlugins,
      now: NOW,
      env: seededEnv(),
    });
    expect(mutations.filter(({ type }) => type === 'bind')).toHaveLength(2_000);
    expect(state.view(nodeInfos).all.every((info, i) => info === before[i] && info.bound.count === 0)).toBe(true);
  });
});

it('Binding goes along with what the pod needs there', () => {
  const given = [node('a'), { ...claim('c', 'late'), metadata: { name: 'c', namespace: 'default', uid: 'uid-c' } }, lateClass];
  const cluster = new SchedulerCluster(...given, pod('p', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }));
  const mutations = cluster.pass();
  expect(mutations.map(({ type, resource }) => `${type} ${resource}`)).toEqual(['update persistentvolumeclaims', 'bind pods', 'create events']);
  expect(cluster.state.get('persistentvolumeclaims', 'default', 'c')!.metadata.annotations).toEqual({ 'volume.kubernetes.io/selected-node': 'a' });
});

it('Ten thousand pods on a thousand nodes take a few passes', () => {
  const nodes = Array.from({ length: 1_000 }, (_, i) => node(`n${i}`));
  const pods = Array.from({ length: 10_000 }, (_, i) => pod(`p${i}`, { requests: { cpu: '100m' } }));
  const cluster = new SchedulerCluster(...nodes, ...pods);
  expect(cluster.settle()).toBe(4);
  const counts = Map.groupBy(cluster.state.list<Pod>('pods'), ({ spec }) => spec!.nodeName);
  expect(Math.max(...[...counts.values()].map((on) => on.length)) - Math.min(...[...counts.values()].map((on) => on.length))).toBeLessThan(3);
});
