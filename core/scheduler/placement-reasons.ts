import type { PlacementReasons } from '../log/event.ts';
import type { PluginObjection } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import { excludedReason } from './pre-filter.ts';

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
    if (nodes > 0) this.counts.set(excludedReason(excludedBy), nodes);
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

/** The scores of the node that was chosen, of those at some places, and of the best others, for the log. */
export function bestScores(chosen: number, positions: readonly number[], scores: Float64Array, nodes: readonly NodeInfo[]): PlacementReasons['best'] {
  const best = [chosen];
  let least = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < positions.length; i++) {
    if (i === chosen || (best.length === MAX_BEST && scores[i]! <= least)) continue;
    best.splice(1 + best.slice(1).filter((other) => scores[other]! >= scores[i]!).length, 0, i);
    if (best.length > MAX_BEST) best.pop();
    least = scores[best.at(-1)!]!;
  }
  return best.map((i) => [nodes[positions[i]!]!.name, Math.round(scores[i]!)]);
}

const MAX_BEST = 3;
