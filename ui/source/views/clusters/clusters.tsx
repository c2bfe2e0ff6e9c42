import { useEffect, useMemo, useState } from 'preact/hooks';
import { ApiError, get } from '../../api/client.ts';
import { clusterName } from '../../model/cluster.ts';
import { bytes } from '../../model/quantity.ts';
import { Count } from '../../parts/count.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { isFound, search } from '../../parts/search.ts';
import { useBeat } from '../../parts/use-beat.ts';
import { useRead } from '../../parts/use-read.ts';
import { type Column, VirtualRows } from '../../parts/virtual-rows.tsx';
import { go, linkTo, route } from '../../route.ts';
import { CLUSTERS, type ClusterObject, FIELDS, ROOT, type TreeRow, treeOf } from './cluster-object.ts';
import { ShownCluster } from './shown-cluster.tsx';

/** The clusters of this host with their forks, and what can be done with them. */
export function Clusters() {
  const shown = clusterName.value;
  const beat = useBeat({ cluster: ROOT, path: CLUSTERS });
  const [tick, setTick] = useState(0);
  const { value, error } = useRead(
    async (signal) => (await get<{ items: readonly ClusterObject[] }>({ cluster: ROOT }, CLUSTERS, { query: { fields: FIELDS }, signal })).items,
    ROOT,
    [beat, tick],
  );
  const isFew = value !== undefined && value.length <= FEW;
  // What moves all the time is told to no watch.
  useEffect(() => {
    if (!isFew) return;
    const timer = setInterval(() => document.visibilityState === 'visible' && setTick((count) => count + 1), FIGURES_MS);
    return () => clearInterval(timer);
  }, [isFew]);
  const rows = useMemo(
    () => treeOf(value ?? []).filter(({ cluster }) => isFound(cluster.metadata.name, cluster.status?.phase, cluster.spec.forkOf?.name)),
    [value, search.value],
  );
  const name = route.value.rest[0] ?? shown;
  const chosen = value?.find(({ metadata }) => metadata.name === name);
  const columns = useMemo(() => columnsFor(shown), [shown]);
  const choose = ({ cluster }: TreeRow) => go({ view: 'clusters', rest: [cluster.metadata.name] });
  const isForbidden = error instanceof ApiError && (error.code === 403 || error.code === 401);
  return (
    <section class="clusters" aria-labelledby="clusters">
      <div class="panel">
        <h1 id="clusters">
          Clusters <Count of={value?.length ?? 0} />
        </h1>
        {isForbidden ? (
          <p>
            You are signed in to {shown}, and may not read the cluster <code>root</code>, which has the clusters of this host. Who may has them listed here, and
            can fork, reset and remove them.
          </p>
        ) : (
          <Refusal error={error} />
        )}
        {!value && !error && <output class="quiet">Reading …</output>}
        {rows.length > 0 && (
          <VirtualRows
            items={rows}
            keyOf={({ cluster }) => cluster.metadata.name}
            columns={columns}
            rowHeight={34}
            narrowHeight={54}
            label="Clusters and their forks"
            choose={choose}
            isChosen={({ cluster }) => cluster === chosen}
          />
        )}
      </div>
      {value && (chosen ? <ShownCluster cluster={chosen} again={() => setTick((count) => count + 1)} /> : <p class="quiet">There is no cluster {name}.</p>)}
    </section>
  );
}

const FEW = 200;
const FIGURES_MS = 5_000;

function columnsFor(shown: string): readonly Column<TreeRow>[] {
  const status = ({ cluster }: TreeRow) => cluster.status ?? {};
  return [
    {
      title: 'Name',
      style: 'name',
      cell: (row) => <Name row={row} isShown={row.cluster.metadata.name === shown} />,
      tip: ({ cluster }) => cluster.metadata.name,
    },
    { title: 'Phase', style: 'cell', tone: (row) => (status(row).phase === 'Failed' ? 'bad' : ''), cell: (row) => status(row).phase },
    { title: 'Offset', style: 'cell', cell: (row) => status(row).offset },
    { title: 'Objects', style: 'cell wide', cell: (row) => status(row).objects },
    { title: 'In memory', style: 'cell wide', cell: (row) => (status(row).bytes === undefined ? '' : bytes(status(row).bytes!)) },
    { title: 'Write units', style: 'cell', cell: (row) => status(row).writes?.units },
  ];
}

function Name({ row: { cluster, depth, isOrphan }, isShown }: { readonly row: TreeRow; readonly isShown: boolean }) {
  const { metadata, spec, status } = cluster;
  const left = spec.forkOf && (status?.fork?.offset ?? spec.forkOf.at);
  return (
    <>
      {depth > 0 && (
        <span class="branch" style={{ width: `${Math.min(depth, 12) * 18}px` }} aria-hidden="true">
          └
        </span>
      )}
      <a href={linkTo({ view: 'clusters', rest: [metadata.name] })} tabIndex={-1} aria-current={isShown ? 'true' : undefined}>
        {metadata.name}
      </a>{' '}
      <span class="quiet">
        {isShown && 'shown here '}
        {spec.forkOf && `fork${isOrphan || depth > 12 ? ` of ${spec.forkOf.name}` : ''}${left === undefined ? '' : ` at ${left}`}`}
      </span>
    </>
  );
}
