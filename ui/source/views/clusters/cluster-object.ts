/** A cluster, as the cluster `root` has it (docs/clusters.md). */
export interface ClusterObject {
  readonly metadata: { readonly name: string; readonly creationTimestamp?: string; readonly deletionTimestamp?: string };
  readonly spec: {
    readonly forkOf?: { readonly name: string; readonly at?: string | number };
    readonly suspended?: boolean;
    readonly clock?: { readonly rate?: number; readonly paused?: boolean };
    readonly retention?: string;
  };
  readonly status?: {
    readonly phase?: string;
    readonly failure?: string;
    readonly expiresAt?: string;
    readonly fork?: { readonly offset: number };
    readonly offset?: number;
    readonly objects?: number;
    readonly bytes?: number;
    readonly forks?: number;
    readonly lastActivity?: string;
    readonly writes?: { readonly entries: number; readonly bytes: number; readonly units: number };
    readonly reconcilers?: readonly { readonly name: string; readonly error: string; readonly since: string }[];
    readonly reset?: { readonly to: string; readonly offset: number; readonly completed: number; readonly failure?: string };
  };
}

export const ROOT = 'root';
export const CLUSTERS = '/apis/logplane.dev/v1/clusters';
export const FIELDS = 'metadata.creationTimestamp,metadata.deletionTimestamp,spec,status';

export interface TreeRow {
  readonly cluster: ClusterObject;
  /** How many it descends from. */
  readonly depth: number;
  /** What it is a fork of is gone. */
  readonly isOrphan: boolean;
}

/** Clusters with their forks below them, each in the order of the names. */
export function treeOf(clusters: readonly ClusterObject[]): TreeRow[] {
  const sorted = clusters.toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name, undefined, { numeric: true }));
  const names = new Set(sorted.map(({ metadata }) => metadata.name));
  const forks = Map.groupBy(sorted, ({ spec }) => (spec.forkOf && names.has(spec.forkOf.name) ? spec.forkOf.name : ''));
  const rows: TreeRow[] = [];
  const seen = new Set<ClusterObject>();
  // Forks of forks may go deep: no recursion. A name may come again, so that what is below it could be above it as well: what is left is shown without an order.
  const left = (forks.get('') ?? []).toReversed().map((cluster) => ({ cluster, depth: 0 }));
  for (let next = left.pop(); next; next = left.pop()) {
    const { cluster, depth } = next;
    seen.add(cluster);
    rows.push({ cluster, depth, isOrphan: depth === 0 && cluster.spec.forkOf !== undefined });
    for (const fork of (forks.get(cluster.metadata.name) ?? []).toReversed()) left.push({ cluster: fork, depth: depth + 1 });
  }
  return [...rows, ...sorted.filter((cluster) => !seen.has(cluster)).map((cluster) => ({ cluster, depth: 0, isOrphan: true }))];
}
