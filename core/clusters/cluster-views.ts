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

interface Ends {
  /** The names of clusters that go by themselves, by when: the first comes first. */
  readonly order: Tree<string>;
  readonly places: Tree<string>;
}

const ends: View<Ends> = {
  of: [CLUSTERS],
  initial: { order: emptyTree(), places: emptyTree() },
  evolve(before, changes) {
    const [order, places] = [before.order.clone(), before.places.clone()];
    for (const { type, object } of changes) {
      const { metadata, status } = object as Cluster;
      const known = places.get(metadata.name);
      if (known !== undefined) order.delete(known);
      places.delete(metadata.name);
      if (type === 'DELETED' || metadata.deletionTimestamp || !status?.expiresAt) continue;
      const place = `${new Date(status.expiresAt).toISOString()} ${metadata.name}`;
      order.set(place, metadata.name);
      places.set(metadata.name, place);
    }
    return { order, places };
  },
};

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
