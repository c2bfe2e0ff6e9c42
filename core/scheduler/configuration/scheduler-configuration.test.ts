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

  const args = (name: string, value: object) => [{ pluginConfig: [{ name, args: value }] }];
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
