import type { PlacementReasons } from '../log/event.ts';
import type { PluginObjection } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import { excludedReason } from './pre-filter.ts';

/** The nodes that a pod cannot have, counted by what keeps it from them. */
export class FilteredNodes {
  /** Of each objection, on how many nodes it was found, and the names of the first. Many nodes share one (node-verdicts.ts). */
  readonly #tallies = new Map<PluginObjection, Tally>();
  #excluded: { readonly nodes: number; readonly by: readonly string[] } = { nodes: 0, by: [] };

  add(node: string, objection: PluginObjection): void {
    const tally = this.#tallies.get(objection);
    if (!tally) this.#tallies.set(objection, { count: 1, names: [node] });
    else {
      tally.count++;
      if (tally.names.length < MAX_NAMES) tally.names.push(node);
    }
  }

  /** Nodes that were not even looked at. */
  exclude(nodes: number, by: readonly string[]): void {
    this.#excluded = { nodes, by };
  }

  get plugins(): ReadonlySet<string> {
    return new Set([...[...this.#tallies.keys()].map(({ plugin }) => plugin), ...this.#excluded.by]);
  }

  /** How many nodes gave each reason. */
  get counts(): ReadonlyMap<string, number> {
    const counts = new Map([...this.#byReason].map(([reason, { count }]) => [reason, count]));
    const { nodes, by } = this.#excluded;
    return nodes > 0 ? counts.set(excludedReason(by), nodes) : counts;
  }

  /** For the log: the most common ones. */
  get reasons(): Pick<PlacementReasons, 'filtered'> {
    if (this.#tallies.size === 0) return {};
    const common = [...this.#byReason].sort(([, a], [, b]) => b.count - a.count).slice(0, MAX_REASONS);
    return { filtered: common.map(([reason, { plugin, count, names }]) => [plugin, reason, count, ...names]) };
  }

  /** Of each reason, the plugin that gave it first. */
  get #byReason(): Map<string, Tally & { readonly plugin: string }> {
    const all = new Map<string, Tally & { readonly plugin: string }>();
    for (const [{ plugin, reasons }, { count, names }] of this.#tallies) {
      for (const reason of reasons) {
        const known = all.get(reason);
        if (!known) all.set(reason, { plugin, count, names: [...names] });
        else {
          known.count += count;
          known.names.push(...names.slice(0, MAX_NAMES - known.names.length));
        }
      }
    }
    return all;
  }
}

interface Tally {
  count: number;
  readonly names: string[];
}

const MAX_REASONS = 5;
const MAX_NAMES = 3;

/** The scores of the node that was chosen, of those at some places, and of the best two others, for the log. */
export function bestScores(chosen: number, positions: readonly number[], scores: Float64Array, nodes: readonly NodeInfo[]): PlacementReasons['best'] {
  let second = -1;
  let third = -1;
  for (let i = 0; i < positions.length; i++) {
    const score = scores[i]!;
    if (i === chosen || (third !== -1 && score <= scores[third]!)) continue;
    if (second === -1 || score > scores[second]!) {
      third = second;
      second = i;
    } else third = i;
  }
  return [chosen, second, third].filter((i) => i !== -1).map((i) => [nodes[positions[i]!]!.name, Math.round(scores[i]!)]);
}
