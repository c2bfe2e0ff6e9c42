import { useEffect, useMemo, useState } from 'preact/hooks';
import { ApiError } from '../../api/client.ts';
import { type ApiResource, pathOf } from '../../api/discovery.ts';
import { followed, type Row, type Table } from '../../api/table.ts';
import { at, clusterName, heardOf } from '../../model/cluster.ts';
import { tableAt } from '../../model/kept-tables.ts';
import { Refusal } from '../../parts/refusal.tsx';
import { isFound, search } from '../../parts/search.ts';
import { VirtualRows } from '../../parts/virtual-rows.tsx';
import { go, linkTo } from '../../route.ts';
import { Count } from '../now/troubles.tsx';
import { restOf } from './place.ts';

const STANDS_STILL_MS = 60;
const AGAIN_MS = 1_000;

/** The objects of a resource as the cluster prints them, as they change. */
export function Listing({ resource }: { readonly resource: ApiResource }) {
  const { table, error } = useTable(resource);
  const rows = useMemo(
    () => [...(table?.rows.values() ?? [])].filter(({ namespace, name, cells }) => isFound(namespace, name, ...cells.map(String))),
    [table, search.value],
  );
  const columns =
    table?.columns.map(({ name, priority }, i) => ({ name, priority, i })).filter(({ name, priority }) => priority === 0 && name !== 'Name') ?? [];
  const open = ({ namespace, name }: Row) => go({ view: 'object', rest: restOf(resource, namespace, name) });
  return (
    <section class="panel listing" aria-labelledby="listing">
      <p class="path">
        <a href={linkTo({ view: 'object' })}>Objects</a> / {resource.group || 'core'}
      </p>
      <h1 id="listing">
        {resource.kind} {table && <Count of={table.rows.size} />}
      </h1>
      <Refusal error={error} />
      {!table && !error && <output class="quiet">Reading …</output>}
      {table?.rows.size === 0 && <p class="quiet">There are none.</p>}
      {rows.length > 0 && (
        <VirtualRows
          items={rows}
          keyOf={({ key }) => key}
          rowHeight={34}
          label={resource.kind}
          choose={open}
          head={
            <>
              <span role="columnheader" class="name">
                Name
              </span>
              {columns.map(({ name }) => (
                <span role="columnheader" key={name} class="cell">
                  {name}
                </span>
              ))}
            </>
          }
        >
          {({ namespace, name, cells }) => (
            <>
              <span role="rowheader" class="name" title={name}>
                {namespace && <span class="namespace">{namespace}/</span>}
                <a href={linkTo({ view: 'object', rest: restOf(resource, namespace, name) })} tabIndex={-1}>
                  {name}
                </a>
              </span>
              {columns.map(({ name: column, i }) => (
                <span role="cell" key={column} class="cell" title={String(cells[i] ?? '')}>
                  {String(cells[i] ?? '')}
                </span>
              ))}
            </>
          )}
        </VirtualRows>
      )}
    </section>
  );
}

/** What is printed of the objects at the moment that is shown; of now, as it goes on. */
function useTable(resource: ApiResource): { readonly table: Table | undefined; readonly error: Error | undefined } {
  const [table, setTable] = useState<Table | undefined>();
  const [error, setError] = useState<Error | undefined>();
  const cluster = clusterName.value;
  const when = at.value;
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const path = pathOf(resource);
    const show = (shown: Table) => {
      if (signal.aborted) return;
      setTable(shown);
      setError(undefined);
    };
    async function read(): Promise<Table | undefined> {
      let whole: Table | undefined;
      for await (const part of tableAt({ cluster, at: when }, path, signal)) {
        // The first picture is there with the first page; what was shown before stays until there is as much.
        setTable((before) => (signal.aborted || (before && !part.isWhole && before.rows.size > part.rows.size) ? before : part));
        whole = part;
        heardOf(cluster, when === undefined ? part.resourceVersion : 0);
      }
      setError(undefined);
      return whole;
    }
    async function run(): Promise<void> {
      if (when !== undefined) {
        await new Promise((resolve) => setTimeout(resolve, STANDS_STILL_MS));
        if (!signal.aborted) await read();
        return;
      }
      let known = await read();
      while (!signal.aborted) {
        if (!known || !resource.verbs.includes('watch')) return;
        try {
          for await (const next of followed({ cluster, path, table: known, signal })) {
            known = next;
            heardOf(cluster, next.resourceVersion);
            show(next);
          }
        } catch (failure) {
          if (signal.aborted) return;
          if (!(failure instanceof ApiError) || failure.code !== 410) setError(failure as Error);
          await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
          if (!signal.aborted) known = await read().catch(() => known);
        }
      }
    }
    run().catch((failure: Error) => signal.aborted || setError(failure));
    return () => stop.abort();
  }, [cluster, when, pathOf(resource)]);
  return { table, error };
}
