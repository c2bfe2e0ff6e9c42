import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import { Cluster } from '../../testing/cluster.ts';
import { START } from '../../testing/env.ts';
import { namespace, node, pod } from '../../testing/objects.ts';
import { places, schedulingEvents } from '../../testing/scheduling.ts';
import { plugins } from '../plugins/registry.ts';
import { schedulerReconciler } from '../scheduler.ts';
import { pluginNames } from './plugin-names.ts';
import { profilesOf } from './profile-plugins.ts';
import { parseSchedulerConfiguration } from './scheduler-configuration.ts';

const configured = (...profiles: object[]) =>
  parseSchedulerConfiguration({ apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration', ...(profiles.length > 0 && { profiles }) });

async function scheduledBy(profiles: readonly object[], ...objects: readonly KubeObject[]): Promise<Cluster> {
  const reconcilers = [schedulerReconciler({ profiles: profilesOf(configured(...profiles)) })];
  const cluster = await Cluster.start({ reconcilers, objects: [namespace('default'), ...objects], now: START });
  await cluster.settle();
  return cluster;
}

const tainted = node('a', { taints: [{ key: 'x', effect: 'NoSchedule' }] });
const ssd = {
  requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }] },
};
const preferring = {
  preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions: [{ key: 'disk', operator: 'Exists' }] } }],
};
const addedAffinity = (affinity: object) => ({ pluginConfig: [{ name: 'NodeAffinity', args: { addedAffinity: affinity } }] });
const full = pod('q', { nodeName: 'b', requests: { cpu: '3' } });

const args = (name: string, value: object) => [{ pluginConfig: [{ name, args: value }] }];
const ratio = (...shape: object[]) => ({ type: 'RequestedToCapacityRatio', requestedToCapacityRatio: { shape } });
const nearWeb = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'kubernetes.io/hostname' };
const preferredNear = (matchLabels: Record<string, string>) => ({
  podAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      { weight: 50, podAffinityTerm: { labelSelector: { matchLabels }, topologyKey: 'kubernetes.io/hostname' } },
    ],
  },
});
/** Pods on a node that is not as empty as the other, which have to be, or had rather be, near those of the tests. */
const follower = pod('q', {
  nodeName: 'b',
  requests: { cpu: '1' },
  affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [nearWeb] } },
} as object);
const inclined = pod('q', { nodeName: 'b', requests: { cpu: '1' }, labels: { app: 'other' }, affinity: preferredNear({ app: 'web' }) } as object);
const ofTier = { tier: 'web' };
const selecting: KubeObject = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec: { selector: ofTier } } as KubeObject;
const first = pod('first', { nodeName: 'a', labels: ofTier });
const next = pod('p', { labels: ofTier });
/** On a, memory and storage are used more evenly with the pod, on b cpu and memory. */
const unfitted = { plugins: { score: { disabled: [{ name: 'NodeResourcesFit' }] } } };
const unbalanced = [
  node('a', { allocatable: { 'ephemeral-storage': '16Gi' } }),
  node('b', { allocatable: { 'ephemeral-storage': '16Gi', memory: '8Gi' } }),
  pod('q', { nodeName: 'b', requests: { cpu: '500m' } }),
  pod('r', { nodeName: 'a', requests: { 'ephemeral-storage': '1Gi' } }),
  pod('p', { requests: { memory: '1Gi' } }),
];
const spreadOver = (whenUnsatisfiable: string) => ({ defaultingType: 'List', defaultConstraints: [{ maxSkew: 1, topologyKey: 'rack', whenUnsatisfiable }] });

describe('a KubeSchedulerConfiguration', () => {
  it.each<{ name: string; profiles: object[]; given: KubeObject[]; want: string }>([
    { name: 'without profiles has the default one', profiles: [], given: [node('a'), pod('p')], want: 'p@a' },
    {
      name: 'names the scheduler whose pods it places',
      profiles: [{ schedulerName: 'mine' }],
      given: [node('a'), pod('p', { schedulerName: 'mine' })],
      want: 'p@a',
    },
    { name: 'leaves the pods of others alone', profiles: [{ schedulerName: 'mine' }], given: [node('a'), pod('p')], want: 'p: not looked at' },
    {
      name: 'disables a plugin everywhere',
      profiles: [{ plugins: { multiPoint: { disabled: [{ name: 'TaintToleration' }] } } }],
      given: [tainted, pod('p')],
      want: 'p@a',
    },
    {
      name: 'disables a plugin at one point',
      profiles: [{ plugins: { filter: { disabled: [{ name: 'TaintToleration' }] } } }],
      given: [tainted, pod('p')],
      want: 'p@a',
    },
    {
      name: 'disables all and enables some',
      profiles: [{ plugins: { multiPoint: { disabled: [{ name: '*' }], enabled: [{ name: 'NodeResourcesFit' }] } } }],
      given: [tainted, pod('p')],
      want: 'p@a',
    },
    {
      name: 'keeps what it says nothing of',
      profiles: [{ plugins: { score: { disabled: [{ name: '*' }] } } }],
      given: [tainted, pod('p')],
      want: 'p: 0/1 nodes are available: 1 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    },
    {
      name: 'gives a plugin another weight',
      profiles: [{ plugins: { multiPoint: { enabled: [{ name: 'NodeAffinity', weight: 1000 }] } }, ...addedAffinity(preferring) }],
      given: [node('a'), node('b', { labels: { disk: 'ssd' } }), full, pod('p')],
      want: 'p@b',
    },
    {
      name: 'has pods ask for what they do not ask for',
      profiles: [addedAffinity(ssd)],
      given: [node('a'), node('b', { labels: { disk: 'ssd' } }), full, pod('p')],
      want: 'p@b',
    },
    {
      name: 'says so where there is none of that',
      profiles: [addedAffinity(ssd)],
      given: [node('a'), pod('p')],
      want: "p: 0/1 nodes are available: 1 node(s) didn't match scheduler-enforced node affinity. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
    },
    {
      name: 'has no preemption where that is disabled',
      profiles: [{ plugins: { postFilter: { disabled: [{ name: '*' }] } } }],
      given: [node('b'), full, pod('p', { requests: { cpu: '2' }, priority: 9 })],
      want: 'p: 0/1 nodes are available: 1 Insufficient cpu.',
    },
  ])('$name', async ({ profiles, given, want }) => {
    expect(places(await scheduledBy(profiles, ...given))).toContain(want);
  });

  it('has as many schedulers as it has profiles, each speaking for itself', async () => {
    const profiles = [{ schedulerName: 'default-scheduler' }, { schedulerName: 'lax', plugins: { multiPoint: { disabled: [{ name: 'TaintToleration' }] } } }];
    const cluster = await scheduledBy(profiles, tainted, pod('p'), pod('q', { schedulerName: 'lax' }));
    expect(places(cluster)).toEqual([expect.stringContaining('untolerated taint'), 'q@a']);
    expect(cluster.list('events').map(({ reason, source }) => `${source!.component} ${reason}`)).toEqual([
      'default-scheduler FailedScheduling',
      'lax Scheduled',
    ]);
    expect(schedulingEvents(cluster)).toHaveLength(2);
  });

  it.each<{ name: string; profiles: object[]; given: KubeObject[]; want: string }>([
    { name: 'LeastAllocated, without any', profiles: [], given: [node('a'), node('b'), full, pod('p')], want: 'p@a' },
    {
      name: 'MostAllocated',
      profiles: args('NodeResourcesFit', { scoringStrategy: { type: 'MostAllocated' } }),
      given: [node('a'), node('b'), full, pod('p')],
      want: 'p@b',
    },
    {
      name: 'the resources that it looks at',
      profiles: args('NodeResourcesFit', { scoringStrategy: { type: 'LeastAllocated', resources: [{ name: 'memory' }, { name: 'cpu', weight: 0 }] } }),
      given: [node('a'), node('b'), full, pod('p')],
      want: 'p@a',
    },
    {
      name: 'a resource that counts for more',
      profiles: args('NodeResourcesFit', { scoringStrategy: { type: 'LeastAllocated', resources: [{ name: 'memory', weight: 100 }, { name: 'cpu' }] } }),
      given: [node('a'), node('b'), full, pod('r', { nodeName: 'a', requests: { memory: '1Gi' } }), pod('p')],
      want: 'p@b',
    },
    {
      name: 'a line through points',
      profiles: args('NodeResourcesFit', { scoringStrategy: ratio({ utilization: 0, score: 0 }, { utilization: 100, score: 10 }) }),
      given: [node('a'), node('b'), full, pod('p')],
      want: 'p@b',
    },
    {
      name: 'a line that falls',
      profiles: args('NodeResourcesFit', { scoringStrategy: ratio({ utilization: 0, score: 10 }, { utilization: 100 }) }),
      given: [node('a'), node('b'), full, pod('p')],
      want: 'p@a',
    },
    {
      name: 'a resource that an extender looks after',
      profiles: args('NodeResourcesFit', { ignoredResources: ['example.com/gpu'] }),
      given: [node('a'), pod('p', { requests: { 'example.com/gpu': '1' } })],
      want: 'p@a',
    },
    {
      name: 'a group of them',
      profiles: args('NodeResourcesFit', { ignoredResourceGroups: ['example.com'] }),
      given: [node('a'), pod('p', { requests: { 'example.com/gpu': '1', 'other.com/gpu': '1' } })],
      want: 'p: 0/1 nodes are available: 1 Insufficient other.com/gpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    },
    { name: 'pods that have to be near others, without any', profiles: [], given: [node('a'), node('b'), follower, pod('p')], want: 'p@b' },
    {
      name: 'what it counts that they have to',
      profiles: args('InterPodAffinity', { hardPodAffinityWeight: 0 }),
      given: [node('a'), node('b'), follower, pod('p')],
      want: 'p@a',
    },
    { name: 'pods that had rather be near others, without any', profiles: [], given: [node('a'), node('b'), inclined, pod('p')], want: 'p@b' },
    {
      name: 'that it does not count what they prefer',
      profiles: args('InterPodAffinity', { ignorePreferredTermsOfExistingPods: true }),
      given: [node('a'), node('b'), inclined, pod('p')],
      want: 'p@a',
    },
    {
      name: 'that it counts, for a pod that prefers something itself',
      profiles: args('InterPodAffinity', { ignorePreferredTermsOfExistingPods: true }),
      given: [node('a'), node('b'), inclined, pod('p', { affinity: preferredNear({ app: 'nothing' }) })],
      want: 'p@b',
    },
    { name: "the cluster's constraints, without any", profiles: [], given: [node('a'), node('b'), full, selecting, first, next], want: 'p@b' },
    {
      name: 'no constraints of the cluster',
      profiles: args('PodTopologySpread', { defaultingType: 'List' }),
      given: [node('a'), node('b'), full, selecting, first, next],
      want: 'p@a',
    },
    {
      name: 'other constraints of the cluster',
      profiles: args('PodTopologySpread', spreadOver('ScheduleAnyway')),
      given: [node('a', { labels: { rack: '1' } }), node('b', { labels: { rack: '2' } }), full, selecting, first, next],
      want: 'p@b',
    },
    {
      name: 'other constraints, by which a node without the label is the worst',
      profiles: args('PodTopologySpread', spreadOver('ScheduleAnyway')),
      given: [node('a', { labels: { rack: '1' } }), node('b'), selecting, first, next],
      want: 'p@a',
    },
    {
      name: 'constraints of the cluster that have to be met',
      profiles: args('PodTopologySpread', spreadOver('DoNotSchedule')),
      given: [node('a', { labels: { rack: '1' } }), node('b', { labels: { rack: '2' }, unschedulable: true }), selecting, first, next],
      want: "p: 0/2 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) were unschedulable. no new claims to deallocate, preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.",
    },
    {
      name: 'such constraints, of which a pod that nothing selects knows nothing',
      profiles: args('PodTopologySpread', spreadOver('DoNotSchedule')),
      given: [node('a', { labels: { rack: '1' } }), node('b', { labels: { rack: '2' }, unschedulable: true }), first, next],
      want: 'p@a',
    },
    { name: 'the balance of cpu and memory, without any', profiles: [unfitted], given: unbalanced, want: 'p@b' },
    {
      name: 'the balance of other resources',
      profiles: [{ ...unfitted, ...args('NodeResourcesBalancedAllocation', { resources: [{ name: 'memory' }, { name: 'ephemeral-storage', weight: 1 }] })[0] }],
      given: unbalanced,
      want: 'p@a',
    },
  ])('takes arguments: $name', async ({ profiles, given, want }) => {
    expect(places(await scheduledBy(profiles, ...given))).toContain(want);
  });

  it.each<{ name: string; profiles: object[]; want: string }>([
    {
      name: 'two of a name',
      profiles: [{ schedulerName: 'a' }, { schedulerName: 'a' }],
      want: 'profiles[1].schedulerName: Duplicate value: "profiles[0].schedulerName"',
    },
    { name: 'one of several without a name', profiles: [{ schedulerName: 'a' }, {}], want: 'profiles[1].schedulerName: Required value' },
    {
      name: 'a plugin that does not exist',
      profiles: [{ plugins: { filter: { enabled: [{ name: 'Nothing' }] } } }],
      want: 'initializing profiles: creating profile for scheduler name default-scheduler: FilterPlugin "Nothing" does not exist',
    },
    {
      name: 'a plugin twice',
      profiles: [{ plugins: { score: { enabled: [{ name: 'NodeAffinity' }, { name: 'NodeAffinity' }] } } }],
      want: 'initializing profiles: creating profile for scheduler name default-scheduler: plugin "NodeAffinity" already registered as "ScorePlugin"',
    },
    {
      name: 'an extension point that does not exist',
      profiles: [{ plugins: { before: {} } }],
      want: 'strict decoding error: unknown field "profiles[0].plugins.before"',
    },
    {
      name: 'arguments twice',
      profiles: [{ pluginConfig: [{ name: 'NodeAffinity' }, { name: 'NodeAffinity' }] }],
      want: 'profiles[0].pluginConfig[1]: Duplicate value: "NodeAffinity"',
    },
    { name: 'arguments of another plugin', profiles: args('NodeAffinity', { kind: 'NodeResourcesFitArgs' }), want: 'has to match plugin args' },
    {
      name: 'a weight out of range',
      profiles: args('InterPodAffinity', { hardPodAffinityWeight: 101 }),
      want: 'profiles[0].pluginConfig[0].args.hardPodAffinityWeight: Invalid value: 101: not in valid range [0, 100]',
    },
    {
      name: 'no candidates at all',
      profiles: args('DefaultPreemption', { minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 0 }),
      want: 'args.minCandidateNodesAbsolute: Invalid value: 0: cannot be zero at the same time as minCandidateNodesPercentage',
    },
    {
      name: 'an unknown strategy',
      profiles: args('NodeResourcesFit', { scoringStrategy: { type: 'Any' } }),
      want: 'args.scoringStrategy.type: Unsupported value: "Any": supported values: "LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"',
    },
    {
      name: 'a ratio without a shape',
      profiles: args('NodeResourcesFit', { scoringStrategy: { type: 'RequestedToCapacityRatio' } }),
      want: 'args.scoringStrategy.requestedToCapacityRatio: Required value: must be specified when type is RequestedToCapacityRatio',
    },
    {
      name: 'default constraints with a selector',
      profiles: args('PodTopologySpread', {
        defaultingType: 'List',
        defaultConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: {} }],
      }),
      want: 'args.defaultConstraints[0].labelSelector: Forbidden: constraint must not define a selector, as they deduced for each pod',
    },
  ])('is refused with $name', ({ profiles, want }) => {
    expect(() => configured(...profiles)).toThrow(want);
  });

  it.each([
    { name: 'another version', given: { apiVersion: 'kubescheduler.config.k8s.io/v1beta3', kind: 'KubeSchedulerConfiguration' }, want: 'is needed' },
    {
      name: 'an unknown field',
      given: { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration', profile: [] },
      want: 'strict decoding error: unknown field "profile"',
    },
    {
      name: 'extenders',
      given: { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration', extenders: [{ urlPrefix: 'https://x.example.com' }] },
      want: 'extenders',
    },
  ])('is refused when it is of $name', ({ given, want }) => {
    expect(() => parseSchedulerConfiguration(given)).toThrow(want);
  });
});

it('A profile may name every plugin that there is', () => {
  expect(plugins.map(({ name }) => name).filter((name) => !pluginNames.includes(name))).toEqual([]);
});

it('Two profiles may think otherwise of a node for pods that ask for the same', async () => {
  const lenient = { schedulerName: 'lenient', plugins: { multiPoint: { disabled: [{ name: 'TaintToleration' }] } } };
  const cluster = await scheduledBy([{ schedulerName: 'default-scheduler' }, lenient], tainted, pod('p'), pod('q', { schedulerName: 'lenient' }), pod('r'));
  expect(places(cluster).map((place) => place.slice(0, 3))).toEqual(['p: ', 'q@a', 'r: ']);
});

it('What says how kube-scheduler runs makes no difference', () => {
  const kind = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration' };
  const running = { leaderElection: { leaderElect: true }, parallelism: 2, percentageOfNodesToScore: 7, podMaxBackoffSeconds: 3 };
  expect(JSON.stringify(parseSchedulerConfiguration({ ...kind, ...running }))).toBe(JSON.stringify(parseSchedulerConfiguration(kind)));
});
