import type { Random } from '../env.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import type { Plugin } from './framework.ts';
import { nodeInfos } from './node-infos.ts';
import { nominations } from './nominations.ts';
import { podInfoOf } from './pod-info.ts';
import { schedule, scoresOf, whyNotOn } from './schedule.ts';

/** What the scheduler would say of a pod and every node, without doing anything. */
export interface Explanation {
  /** Why the pod would wait; none: it would get a node. */
  readonly message?: string;
  /** The plugins that score its nodes. */
  readonly scoring: readonly string[];
  /** The best first; then those that it cannot have. */
  readonly nodes: readonly NodeVerdict[];
}

export interface NodeVerdict {
  readonly node: string;
  /** None: it is feasible. */
  readonly reasons: readonly string[];
  readonly score?: number;
  /** In the order of `scoring`. */
  readonly scores: readonly number[];
}

export function explain(pod: Pod, state: State, { plugins, random, now }: { plugins: readonly Plugin[]; random: Random; now: number }): Explanation {
  const cluster = { state, nodes: [...state.view(nodeInfos).all] };
  const cycle = { cluster, plugins, nominated: state.view(nominations) };
  const info = podInfoOf(pod);
  const verdicts = cluster.nodes.map((node) => ({ node, reasons: whyNotOn(info, node, cycle)?.reasons ?? [] }));
  const feasible = verdicts.filter(({ reasons }) => reasons.length === 0).map(({ node }) => node);
  const scores = scoresOf(info, feasible, cycle);
  const scored = feasible
    .map(({ name }, i) => {
      const own = scores.map((of) => of.scores[i]!);
      return { node: name, reasons: [], score: own.reduce((a, b) => a + b, 0), scores: own };
    })
    .sort((a, b) => b.score - a.score);
  const others = verdicts.flatMap(({ node, reasons }) => (reasons.length > 0 ? [{ node: node.name, reasons, scores: [] }] : []));
  return { ...waiting(pod, state, { plugins, random, now }), scoring: scores.map(({ plugin }) => plugin), nodes: [...scored, ...others] };
}

function waiting(pod: Pod, state: State, context: { plugins: readonly Plugin[]; random: Random; now: number }): Pick<Explanation, 'message'> {
  const unqueued = context.plugins.map(({ preEnqueue }) => preEnqueue?.(pod, state)).find((reason) => reason !== undefined);
  if (unqueued !== undefined) return { message: unqueued };
  const cluster = { state, nodes: [...state.view(nodeInfos).all] };
  const [placement] = schedule([pod], { ...context, pluginsFor: () => context.plugins, cluster, seenBy: (_pod, seen) => seen });
  return placement!.type === 'placed' ? {} : { message: placement!.message };
}
