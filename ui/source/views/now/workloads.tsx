import { useMemo } from 'preact/hooks';
import { rowKey, type WorkloadRow } from '../../model/workloads.ts';
import { objectRoute } from '../../parts/object-route.ts';
import { isFound, search } from '../../parts/search.ts';
import { VirtualRows } from '../../parts/virtual-rows.tsx';
import { go } from '../../route.ts';
import { Bar } from './bar.tsx';
import { Count } from './troubles.tsx';

/** Workloads as they run. */
export function Workloads({ rows }: { readonly rows: readonly WorkloadRow[] }) {
  const found = useMemo(() => rows.filter(({ kind, namespace, name }) => isFound(kind, namespace, name)), [rows, search.value]);
  return (
    <section aria-labelledby="workloads" class="panel">
      <h2 id="workloads">
        Workloads <Count of={rows.length} />
      </h2>
      {rows.length === 0 && <p class="quiet">Nothing runs. Apply a manifest, and it is seen here as it comes up.</p>}
      {found.length === 0 && rows.length > 0 && <p class="quiet">None is named so.</p>}
      {found.length > 0 && (
        <VirtualRows
          items={found}
          keyOf={rowKey}
          rowHeight={34}
          label="Workloads"
          head={<Head />}
          choose={(row) => row.resource && go(objectRoute(row.resource, row))}
        >
          {(row) => <Cells row={row} />}
        </VirtualRows>
      )}
    </section>
  );
}

const Head = () => (
  <>
    <span role="columnheader" class="name">
      Name
    </span>
    <span role="columnheader" class="kind">
      Kind
    </span>
    <span role="columnheader" class="ready">
      Ready
    </span>
    <span role="columnheader" class="life">
      Pods
    </span>
    <span role="columnheader" class="restarts">
      Restarts
    </span>
  </>
);

function Cells({ row: { kind, namespace, name, ready, wanted, phases, pods, restarts, object } }: { readonly row: WorkloadRow }) {
  const done = phases.done ?? 0;
  const what =
    kind === 'CronJob'
      ? (object?.spec?.schedule ?? '')
      : kind === 'Job'
        ? `${object?.status?.succeeded ?? done}/${wanted ?? 1} done`
        : wanted === undefined
          ? String(ready)
          : `${ready}/${wanted}`;
  return (
    <>
      <span role="rowheader" class="name" title={`${namespace ?? ''}/${name}`}>
        {namespace && <span class="namespace">{namespace}/</span>}
        {name}
      </span>
      <span role="cell" class="kind">
        {kind}
      </span>
      <span role="cell" class="ready">
        {what}
      </span>
      <span role="cell" class="life">
        <Bar phases={phases} total={Math.max(pods.length, wanted ?? 0)} label="Pods" />
      </span>
      <span role="cell" class="restarts">
        {restarts || ''}
      </span>
    </>
  );
}
