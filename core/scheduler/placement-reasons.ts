import type { PlacementReasons } from '../log/event.ts';
import type { Objection } from './framework.ts';
import type { NodeInfo } from './node-info.ts';

/** What a plugin has against a node. */
export type PluginObjection = Objection & { readonly plugin: string };

/** The nodes that a pod cannot have, counted by what keeps it from them. */
export class FilteredNodes {
  /** How many nodes gave each reason. */
  readonly counts = new Map<string, number>();
  readonly plugins = new Set<string>();
  /** Of each reason, the plugin that gave it first, and the first names. */
  readonly #samples = new Map<string, { readonly plugin: string; readonly names: string[] }>();

  add(node: string, { plugin, reasons }: PluginObjection): void {
    this.plugins.add(plugin);
    for (const reason of reasons) {
      this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
      const sample = this.#samples.get(reason);
      if (!sample) this.#samples.set(reason, { plugin, names: [node] });
      else if (sample.names.length < MAX_NAMES) sample.names.push(node);
    }
  }

  /** Nodes that were not even looked at. */
  exclude(nodes: number, excludedBy: readonly string[]): void {
    for (const plugin of excludedBy) this.plugins.add(plugin);
    if (nodes > 0) this.counts.set(`node(s) didn't satisfy plugin(s) [${excludedBy.toSorted().join(' ')}]`, nodes);
  }

  /** For the log: the most common ones. */
  get reasons(): Pick<PlacementReasons, 'filtered'> {
    if (this.#samples.size === 0) return {};
    const common = [...this.#samples].sort(([a], [b]) => this.counts.get(b)! - this.counts.get(a)!).slice(0, MAX_REASONS);
    return { filtered: common.map(([reason, { plugin, names }]) => [plugin, reason, this.counts.get(reason)!, ...names]) };
  }
}

const MAX_REASONS = 5;
const MAX_NAMES = 3;

/** The scores of the node that was chosen and of the best others, for the log. */
export function bestScores(chosen: NodeInfo, nodes: readonly NodeInfo[], scores: readonly number[]): PlacementReasons['best'] {
  const best: [node: string, score: number][] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i]!;
    const score = Math.round(scores[i]!);
    if (node === chosen) best.unshift([node.name, score]);
    else if (best.length < MAX_BEST || score > least) best.push([node.name, score]);
    if (best.length <= MAX_BEST) continue;
    best.sort((a, b) => Number(b[0] === chosen.name) - Number(a[0] === chosen.name) || b[1] - a[1]).pop();
    least = best.at(-1)![1];
  }
  return best.sort((a, b) => Number(b[0] === chosen.name) - Number(a[0] === chosen.name) || b[1] - a[1]);
}

const MAX_BEST = 3;
