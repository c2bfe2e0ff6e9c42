import { CLUSTERS, type Cluster } from '../apis/logplane/cluster.ts';
import { isUnsettled } from '../apis/logplane/cluster-status.ts';
import { type ClusterInstant, clusterInstant } from '../instant.ts';
import type { State } from '../state/state.ts';
import { emptyTree, type Tree } from '../state/tree.ts';
import type { View } from '../state/view.ts';

/** The names of the clusters of which something is to be carried out. */
export const unsettled: View<Tree<true>> = {
  of: [CLUSTERS],
  initial: emptyTree(),
  evolve(before, changes) {
    const tree = before.clone();
    for (const { type, object } of changes) {
      const { name } = object.metadata;
      if (type !== 'DELETED' && isUnsettled(object as Cluster)) tree.set(name, true);
      else tree.delete(name);
    }
    return tree;
  },
};

interface Places {
  /** The names of clusters, by their places. */
  readonly order: Tree<string>;
  readonly of: Tree<string>;
}

/** Clusters in an order; those that have no place are not in it. */
const ordered = (placeOf: (cluster: Cluster) => string | undefined): View<Places> => ({
  of: [CLUSTERS],
  initial: { order: emptyTree(), of: emptyTree() },
  evolve(before, changes) {
    const [order, of] = [before.order.clone(), before.of.clone()];
    for (const { type, object } of changes) {
      const { name } = object.metadata;
      const known = of.get(name);
      if (known !== undefined) order.delete(known);
      of.delete(name);
      const place = type === 'DELETED' ? undefined : placeOf(object as Cluster);
      if (place === undefined) continue;
      order.set(place, name);
      of.set(name, place);
    }
    return { order, of };
  },
});

/** Those that go by themselves, by when. */
const ends = ordered(({ metadata, status }) =>
  metadata.deletionTimestamp || !status?.expiresAt ? undefined : `${new Date(status.expiresAt).toISOString()} ${metadata.name}`,
);

/** Forks, by when they were written last: what is behind a place is what is new since then. */
const forks = ordered(({ metadata, spec, status }) =>
  !spec.forkOf || metadata.deletionTimestamp || status?.failure !== undefined ? undefined : `${metadata.resourceVersion!.padStart(16, '0')} ${metadata.name}`,
);

export const hasForks = (state: State): boolean => state.view(forks).order.size > 0;

/** The forks that were written behind a place, oldest first, with theirs. */
export function* forksBehind(state: State, place: string): Generator<readonly [place: string, fork: Cluster]> {
  for (const [at, name] of state.view(forks).order.entries(place)) if (at > place) yield [at, state.get(CLUSTERS, undefined, name) as Cluster];
}

/** When the next cluster goes by itself; undefined: none does. */
export function nextEnd(state: State): ClusterInstant | undefined {
  const place = state.view(ends).order.minKey();
  return place === undefined ? undefined : clusterInstant(place.split(' ', 1)[0]!);
}

/** The clusters whose time is over, the first `limit` of them. */
export function expired(state: State, { now, limit }: { now: ClusterInstant; limit: number }): string[] {
  const names: string[] = [];
  for (const [place, name] of state.view(ends).order.entries()) {
    if (names.length === limit || clusterInstant(place.split(' ', 1)[0]!) > now) break;
    names.push(name);
  }
  return names;
}
