import { useMemo } from 'preact/hooks';
import { unreadable } from '../../model/cluster.ts';
import { rowKey, type WorkloadRow } from '../../model/workloads.ts';
import { Count } from '../../parts/count.tsx';
import { FullName } from '../../parts/full-name.tsx';
import { objectRoute } from '../../parts/object-route.ts';
import { isFound, search } from '../../parts/search.ts';
import { type Column, VirtualRows } from '../../parts/virtual-rows.tsx';
import { go } from '../../route.ts';
import { Bar } from './bar.tsx';

/** Workloads as they run. */
export function Workloads({ rows }: { readonly rows: readonly WorkloadRow[] }) {
  const found = useMemo(() => rows.filter(({ kind, namespace, name }) => isFound(kind, namespace, name)), [rows, search.value]);
  return (
    <section aria-labelledby="workloads" class="panel">
      <h2 id="workloads">
        Workloads <Count of={rows.length} />
      </h2>
      {rows.length === 0 && !unreadable.value.includes('pods') && <p class="quiet">Nothing runs. Apply a manifest, and it is seen here as it comes up.</p>}
      {found.length === 0 && rows.length > 0 && <p class="quiet">None is named so.</p>}
      {found.length > 0 && (
        <VirtualRows
          items={found}
          keyOf={rowKey}
          columns={COLUMNS}
          rowHeight={34}
          label="Workloads"
          choose={(row) => row.resource && go(objectRoute(row.resource, row))}
        />
      )}
    </section>
  );
}

const COLUMNS: readonly Column<WorkloadRow>[] = [
  {
    title: 'Name',
    style: 'name',
    cell: FullName,
    tip: ({ namespace, name }) => `${namespace ?? ''}/${name}`,
  },
  { title: 'Kind', style: 'kind', cell: ({ kind }) => kind },
  { title: 'Ready', style: 'ready', cell: readyOf },
  { title: 'Pods', style: 'life', cell: ({ phases, pods, wanted }) => <Bar phases={phases} total={Math.max(pods.length, wanted ?? 0)} label="Pods" /> },
  { title: 'Restarts', style: 'restarts', cell: ({ restarts }) => restarts || '' },
];

function readyOf({ kind, ready, wanted, phases, object }: WorkloadRow): string {
  if (kind === 'CronJob') return object?.spec?.schedule ?? '';
  if (kind === 'Job') return `${object?.status?.succeeded ?? phases.done ?? 0}/${wanted ?? 1} done`;
  return wanted === undefined ? String(ready) : `${ready}/${wanted}`;
}
