import { matchesNode, matchesNodeSelector, matchesTerm } from '../../apis/core/node-match.ts';
import type { Node, NodeAffinity, NodeSelectorTerm, Pod, PreferredSchedulingTerm } from '../../schema/generated/kinds.ts';
import { type Plugin, skip, unresolvable } from '../framework.ts';
import { proportional } from '../normalize.ts';

export interface NodeAffinityArgs {
  /** What every pod asks for besides what it asks for itself. */
  readonly addedAffinity?: NodeAffinity;
}

/** `nodeSelector` and node affinity; preferred terms add their weights. */
export function nodeAffinityWith({ addedAffinity = {} }: NodeAffinityArgs): Plugin {
  const { requiredDuringSchedulingIgnoredDuringExecution: enforced, preferredDuringSchedulingIgnoredDuringExecution: added = [] } = addedAffinity;
  return {
    name: 'NodeAffinity',
    local: true,
    preFilter: ({ pod: { spec } }) => {
      const required = spec!.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
      if (!required) return spec!.nodeSelector || enforced ? undefined : skip;
      const names = namesOf(required.nodeSelectorTerms);
      if (names?.size === 0) return { type: 'impossible', reason: 'pod affinity terms conflict' };
      return names && { type: 'nodes', names };
    },
    filter: ({ pod }, { node }) => {
      if (enforced && !matchesNodeSelector(enforced, node)) return unresolvable("node(s) didn't match scheduler-enforced node affinity");
      return matchesNode(pod.spec!, node) ? undefined : MISMATCH;
    },
    score: {
      weight: 2,
      normalize: proportional,
      concerns: ({ pod }) => added.length + preferredBy(pod).length > 0,
      of: ({ pod }, { node }) => weightsOf(added, node) + weightsOf(preferredBy(pod), node),
    },
  };
}

export const nodeAffinity = nodeAffinityWith({});

const MISMATCH = unresolvable("node(s) didn't match Pod's node affinity/selector");

const preferredBy = ({ spec }: Pod): readonly PreferredSchedulingTerm[] => spec!.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];

/** A preferred term without requirements prefers nothing. */
function weightsOf(terms: readonly PreferredSchedulingTerm[], node: Node): number {
  let sum = 0;
  for (const { weight, preference } of terms) if (matchesTerm(preference, node)) sum += weight;
  return sum;
}

/** The nodes that all terms name, as those of a DaemonSet's pods do: the others need not be looked at. Undefined when a term leaves it open. */
function namesOf(terms: readonly NodeSelectorTerm[]): ReadonlySet<string> | undefined {
  if (terms.length === 0) return undefined;
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const named = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In').map(({ values = [] }) => new Set(values));
    if (named.length === 0) return undefined;
    for (const name of named.reduce((a, b) => a.intersection(b))) names.add(name);
  }
  return names;
}
