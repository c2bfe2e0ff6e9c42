import { type Fields, isFields } from '../../kube/fields.ts';
import type { NodeAffinity } from '../../schema/generated/kinds.ts';
import type { Plugin } from '../framework.ts';
import { type AllocationScore, mostAllocated, requestedToCapacityRatio, type ShapePoint } from '../plugins/allocation-scores.ts';
import { interPodAffinityWith } from '../plugins/inter-pod-affinity.ts';
import { nodeAffinityWith } from '../plugins/node-affinity.ts';
import {
  type FitArgs,
  nodeResourcesBalancedAllocation,
  nodeResourcesBalancedAllocationWith,
  nodeResourcesFitWith,
  type WeighedResource,
} from '../plugins/node-resources.ts';
import { podTopologySpreadWith } from '../plugins/pod-topology-spread.ts';
import { plugins as defaultPlugins } from '../plugins/registry.ts';
import { defaultPreemptionWith } from '../preemption/default-preemption.ts';
import { SchedulerProfiles } from '../profiles.ts';
import { type Given, systemDefaults } from '../topology/spread-constraints.ts';
import { listIn, textsIn } from './plugin-args.ts';
import type { ExtensionPoint, NamedPlugin, PluginSet, PluginSets } from './plugin-sets.ts';
import type { Profile } from './scheduler-configuration.ts';

/** The schedulers that a configuration describes. */
export const profilesOf = (profiles: readonly Profile[]): SchedulerProfiles =>
  new SchedulerProfiles(new Map(profiles.map((profile) => [profile.schedulerName, pluginsOf(profile)])));

/** The plugins that take arguments which make a difference. */
const configured: Readonly<Record<string, (args: Fields) => Plugin>> = {
  DefaultPreemption: ({ minCandidateNodesPercentage: percentage, minCandidateNodesAbsolute: absolute }) =>
    defaultPreemptionWith({ ...(typeof percentage === 'number' && { percentage }), ...(typeof absolute === 'number' && { absolute }) }),
  InterPodAffinity: ({ hardPodAffinityWeight: weight, ignorePreferredTermsOfExistingPods }) =>
    interPodAffinityWith({
      ...(typeof weight === 'number' && { hardPodAffinityWeight: weight }),
      ignorePreferredTermsOfExistingPods: ignorePreferredTermsOfExistingPods === true,
    }),
  NodeAffinity: ({ addedAffinity }) => nodeAffinityWith({ ...(isFields(addedAffinity) && { addedAffinity: addedAffinity as NodeAffinity }) }),
  NodeResourcesBalancedAllocation: ({ resources }) =>
    listIn(resources).length > 0 ? nodeResourcesBalancedAllocationWith(weighed(resources).map(({ name }) => name)) : nodeResourcesBalancedAllocation,
  NodeResourcesFit: ({ scoringStrategy, ignoredResources, ignoredResourceGroups }) =>
    nodeResourcesFitWith({
      ...(isFields(scoringStrategy) && strategyOf(scoringStrategy)),
      ignoredResources: textsIn(ignoredResources),
      ignoredResourceGroups: textsIn(ignoredResourceGroups),
    }),
  PodTopologySpread: ({ defaultingType, defaultConstraints }) =>
    podTopologySpreadWith(
      defaultingType === 'List' ? { constraints: listIn(defaultConstraints) as readonly Fields[] as readonly Given[], needAll: true } : systemDefaults,
    ),
};

function strategyOf({ type, resources, requestedToCapacityRatio: ratio }: Fields): Pick<FitArgs, 'strategy' | 'resources'> {
  const shape = isFields(ratio) ? listIn(ratio['shape']).map(({ utilization = 0, score = 0 }) => ({ utilization, score }) as ShapePoint) : [];
  const strategies: Readonly<Partial<Record<string, AllocationScore>>> = {
    MostAllocated: mostAllocated,
    RequestedToCapacityRatio: requestedToCapacityRatio(shape),
  };
  const strategy = strategies[type as string];
  return { ...(strategy && { strategy }), ...(listIn(resources).length > 0 && { resources: weighed(resources) }) };
}

/** One without a weight, or with 0, counts once. */
const weighed = (resources: unknown): readonly WeighedResource[] =>
  listIn(resources).map(({ name, weight }) => ({ name: String(name), weight: (weight as number | undefined) || 1 }));

/** The plugins of a profile (mergePlugins, expandMultiPointPlugins): what is named for `multiPoint` changes the default ones, and what is named for one point goes before that. */
function pluginsOf({ sets, args }: Profile): readonly Plugin[] {
  const known = defaultPlugins.map((plugin) => {
    const own = args.get(plugin.name);
    return own && Object.hasOwn(configured, plugin.name) ? configured[plugin.name]!(own) : plugin;
  });
  const multiPoint = merged(sets.multiPoint, known);
  const wanted = new Set([...multiPoint, ...Object.values(sets).flatMap(({ enabled }) => enabled)].map(({ name }) => name));
  return known.filter(({ name }) => wanted.has(name)).map((plugin) => narrowed(plugin, { sets, multiPoint }));
}

function merged(set: PluginSet | undefined, known: readonly Plugin[]): readonly NamedPlugin[] {
  const { enabled = [], disabled = [] } = set ?? {};
  const standing = disabled.includes('*') ? [] : known.map(({ name }): NamedPlugin => ({ name })).filter(({ name }) => !disabled.includes(name));
  return [...standing.filter(({ name }) => !enabled.some((other) => other.name === name)), ...enabled];
}

/** What of a plugin runs where. What comes after a node is chosen is one step here. */
const partsAt: Readonly<Partial<Record<ExtensionPoint, keyof Plugin>>> = {
  preEnqueue: 'preEnqueue',
  preFilter: 'preFilter',
  filter: 'filter',
  postFilter: 'postFilter',
  score: 'score',
  reserve: 'reserve',
};

/** The plugin with what of it runs in the profile. */
function narrowed(plugin: Plugin, { sets, multiPoint }: { sets: PluginSets; multiPoint: readonly NamedPlugin[] }): Plugin {
  const everywhere = multiPoint.find(({ name }) => name === plugin.name);
  const parts: { -readonly [P in keyof Plugin]: Plugin[P] } = { ...plugin };
  for (const [point, part] of Object.entries(partsAt) as [ExtensionPoint, keyof Plugin][]) {
    const { enabled = [], disabled = [] } = sets[point] ?? {};
    const here = enabled.find(({ name }) => name === plugin.name);
    const isOn = here !== undefined || (everywhere !== undefined && !disabled.includes('*') && !disabled.includes(plugin.name));
    const weight = here?.weight || everywhere?.weight;
    if (!isOn) delete (parts as Partial<Plugin> & Record<string, unknown>)[part];
    else if (part === 'score' && plugin.score && weight) parts.score = { ...plugin.score, weight };
  }
  return parts;
}
