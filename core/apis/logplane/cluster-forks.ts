import type { State } from '../../state/state.ts';
import { emptyTree, type Tree } from '../../state/tree.ts';
import type { View } from '../../state/view.ts';
import { CLUSTERS, type Cluster } from './cluster.ts';

/** The forks of each cluster, as `parent/fork`. */
const forks: View<Tree<true>> = {
  of: [CLUSTERS],
  initial: emptyTree(),
  evolve(before, changes) {
    const tree = before.clone();
    for (const { type, object } of changes) {
      const { metadata, spec } = object as Cluster;
      if (!spec.forkOf) continue;
      const place = `${spec.forkOf.name}/${metadata.name}`;
      if (type === 'DELETED') tree.delete(place);
      else tree.set(place, true);
    }
    return tree;
  },
};

export function forksOf(state: State, parent: string): string[] {
  const prefix = `${parent}/`;
  const names: string[] = [];
  for (const [place] of state.view(forks).entries(prefix)) {
    if (!place.startsWith(prefix)) break;
    names.push(place.slice(prefix.length));
  }
  return names;
}
