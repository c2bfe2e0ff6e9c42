import type { Random } from '../env.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import { totalsOf } from './best-node.ts';
import { clusterInfoOf } from './cluster-info.ts';
import { resourcesOfDevices } from './dynamic-resources/extended-resources.ts';
import type { Plugin } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import { NodeVerdicts } from './node-verdicts.ts';
import { nominations } from './nominations.ts';
import { type Cycle, objectionBesideNominated, objectionTo } from './objections.ts';
import { type PodInfo, podInfoOf } from './pod-info.ts';
import { preFiltered } from './pre-filter.ts';
import { schedule } from './schedule.ts';

/** What the scheduler would say of a pod and every node, without doing anything. */
export interface Explanation {
  /** Why the pod would wait; none: it would get a node. */
  readonly message?: string;
  /** The plugins that score its nodes. */
  readonly scoring: readonly string[];
  /** The best first; then those that it cannot have. */
  readonly nodes: readonly ExplainedNode[];
}

export interface ExplainedNode {
  readonly node: string;
  /** None: it is feasible. */
  readonly reasons: readonly string[];
  readonly score?: number;
  /** In the order of `scoring`. */
  readonly scores: readonly number[];
}

export function explain(pod: Pod, state: State, { plugins, random, now }: { plugins: readonly Plugin[]; random: Random; now: number }): Explanation {
  const cluster = clusterInfoOf(state);
  const cycle = { cluster, plugins, nominated: state.view(nominations) };
  const info = podInfoOf(pod, resourcesOfDevices(pod, state));
  const asked = preFiltered(info, cluster, plugins);
  const whyNot = (node: NodeInfo) => objectionTo(node, cluster, asked) ?? objectionBesideNominated(info, node, cycle);
  const verdicts = cluster.nodes.map((node) => ({ node, reasons: whyNot(node)?.reasons ?? [] }));
  const feasible = [...verdicts.keys()].filter((position) => verdicts[position]!.reasons.length === 0);
  const scores = scoresOf(info, feasible, cycle);
  const scored = feasible
    .map((position, i) => {
      const own = scores.map((of) => of.scores[i]!);
      return { node: cluster.nodes[position]!.name, reasons: [], score: own.reduce((a, b) => a + b, 0), scores: own };
    })
    .sort((a, b) => b.score - a.score);
  const others = verdicts.flatMap(({ node, reasons }) => (reasons.length > 0 ? [{ node: node.name, reasons, scores: [] }] : []));
  return { ...waiting(pod, state, { plugins, random, now }), scoring: scores.map(({ plugin }) => plugin), nodes: [...scored, ...others] };
}

/** What each plugin gives to nodes, its weight counted in: of those that make a difference for the pod. */
function scoresOf(info: PodInfo, positions: readonly number[], { cluster, plugins }: Cycle): { readonly plugin: string; readonly scores: Float64Array }[] {
  return plugins.flatMap((plugin) => {
    const { name, score } = plugin;
    const isConcerned = score?.among ? score.among(info, cluster, positions) !== undefined : score && score.concerns?.(info) !== false;
    if (!isConcerned) return [];
    const verdicts = new NodeVerdicts(info, [plugin]).for(cluster);
    return [{ plugin: name, scores: totalsOf(info, { positions, verdicts }, { cluster, plugins: [plugin] }) }];
  });
}

function waiting(pod: Pod, state: State, context: { plugins: readonly Plugin[]; random: Random; now: number }): Pick<Explanation, 'message'> {
  const unqueued = context.plugins.map(({ preEnqueue }) => preEnqueue?.(pod, state)).find((reason) => reason !== undefined);
  if (unqueued !== undefined) return { message: unqueued };
  const cluster = clusterInfoOf(state);
  const [placement] = schedule([pod], { ...context, pluginsFor: () => context.plugins, cluster, seenBy: (_pod, seen) => seen });
  return placement!.type === 'placed' ? {} : { message: placement!.message };
}
