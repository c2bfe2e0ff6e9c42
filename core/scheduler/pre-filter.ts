import type { ClusterInfo, NodeFilter, Objection, Plugin, PluginObjection } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import { positionOf } from './node-infos.ts';
import type { PodInfo } from './pod-info.ts';

/** What plugins say of a pod before any node is looked at (RunPreFilterPlugins). */
export type PreFiltered =
  | {
      readonly type: 'impossible';
      /** What keeps the pod from every node. */
      readonly impossible: string;
      readonly rejectors: ReadonlySet<string>;
      /** The plugins that were not asked any more. */
      readonly unreached: ReadonlySet<string>;
    }
  | {
      readonly type: 'narrowed';
      /** The nodes that alone come into question; undefined: all do. */
      readonly names: ReadonlySet<string> | undefined;
      readonly excludedBy: readonly string[];
      /** In the order of the plugins: the first objection names the reason. */
      readonly filters: readonly NamedFilter[];
      /** How many of the first ones are of local plugins (node-verdicts.ts). */
      readonly local: number;
    };

export interface NamedFilter {
  readonly plugin: string;
  readonly filter: NodeFilter;
}

/** Which nodes come into question at all, and which filters they have to pass. */
export function preFiltered(info: PodInfo, cluster: ClusterInfo, plugins: readonly Plugin[]): PreFiltered {
  let names: ReadonlySet<string> | undefined;
  const excludedBy: string[] = [];
  const filters: NamedFilter[] = [];
  let local = 0;
  let areLocal = true;
  for (const [i, plugin] of plugins.entries()) {
    const { name, preFilter, filter } = plugin;
    const result = preFilter?.(info, cluster);
    if (result?.type === 'impossible') return impossible(result.reason, [name], plugins.slice(i + 1));
    // Also one that is passed over ends them: which plugins' verdicts are kept together is the same for all pods that ask for the same.
    areLocal &&= plugin.local === true || !(preFilter || filter);
    const ownFilter =
      result?.type === 'filter' ? result.filter : filter && ((node: NodeInfo, _position: number, seen: ClusterInfo) => filter(info, node, seen));
    if (ownFilter && result?.type !== 'skip') {
      filters.push({ plugin: name, filter: ownFilter });
      if (areLocal) local++;
    }
    if (result?.type !== 'nodes') continue;
    names = names?.intersection(result.names) ?? result.names;
    excludedBy.push(name);
    if (names.size === 0) return impossible(unsatisfied(excludedBy), excludedBy, plugins.slice(i + 1));
  }
  return { type: 'narrowed', names, excludedBy, filters, local };
}

const impossible = (reason: string, rejectors: readonly string[], unreached: readonly Plugin[]): PreFiltered => ({
  type: 'impossible',
  impossible: reason,
  rejectors: new Set(rejectors),
  unreached: new Set(unreached.map(({ name }) => name)),
});

function unsatisfied(plugins: readonly string[]): string {
  const [first, ...others] = plugins.toSorted();
  return `node(s) didn't satisfy plugin${others.length > 0 ? `(s) [${[first, ...others].join(' ')}] simultaneously` : ` ${first}`}`;
}

/** What is told of the nodes that are not even looked at. */
export const excludedReason = (excludedBy: readonly string[]): string => `node(s) didn't satisfy plugin(s) [${excludedBy.toSorted().join(' ')}]`;

/** Where the nodes with some names stand, of those that there are, in their order. Each is looked up: a pod of a DaemonSet names one node of thousands. */
export const positionsOf = (names: Iterable<string>, { nodes }: ClusterInfo): number[] =>
  [...names]
    .map((name) => positionOf(name, nodes))
    .filter((position) => position !== -1)
    .sort((a, b) => a - b);

/** What the first filter that objects to a node has against it; undefined: none does. */
export function firstObjection(filters: readonly NamedFilter[], position: number, cluster: ClusterInfo): PluginObjection | undefined {
  const node = cluster.nodes[position]!;
  for (const { plugin, filter } of filters) {
    const objection = filter(node, position, cluster);
    if (objection) return named(objection, plugin);
  }
  return undefined;
}

/** One and the same for all nodes, where the objection is. */
function named(objection: Objection, plugin: string): PluginObjection {
  let own = known.get(objection);
  if (own?.plugin !== plugin) {
    own = { ...objection, plugin };
    known.set(objection, own);
  }
  return own;
}

const known = new WeakMap<Objection, PluginObjection>();
