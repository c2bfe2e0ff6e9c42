import { useEffect, useMemo, useState } from 'preact/hooks';
import { ApiError } from '../../api/client.ts';
import { type ApiResource, pathOf } from '../../api/discovery.ts';
import { followed, type Row, type Table } from '../../api/table.ts';
import { at, clusterName, heardOf } from '../../model/cluster.ts';
import { tableAt } from '../../model/kept-tables.ts';
import { Count } from '../../parts/count.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { isFound, search } from '../../parts/search.ts';
import { type Column, VirtualRows } from '../../parts/virtual-rows.tsx';
import { go, linkTo, route } from '../../route.ts';
import { restOf } from './place.ts';

const STANDS_STILL_MS = 60;
const AGAIN_MS = 1_000;

/** The objects of a resource as the cluster prints them, as they change. */
export function Listing({ resource }: { readonly resource: ApiResource }) {
  const namespace = (resource.namespaced && route.value.query['namespace']) || undefined;
  const { table, error } = useTable(resource, namespace);
  const isForbidden = error instanceof ApiError && error.code === 403;
  const rows = useMemo(
    () => [...(table?.rows.values() ?? [])].filter(({ namespace, name, cells }) => isFound(namespace, name, ...cells.map(String))),
    [table, search.value],
  );
  const columns = useMemo(() => columnsFor(resource, table?.columns ?? []), [pathOf(resource), table?.columns]);
  return (
    <section class="panel listing" aria-labelledby="listing">
      <p class="path">
        <a href={linkTo({ view: 'object' })}>Objects</a> / {resource.group || 'core'}
      </p>
      <h1 id="listing">
        {resource.kind} {table && <Count of={table.rows.size} />}
      </h1>
      <Refusal error={error} />
      {resource.namespaced && (isForbidden || namespace !== undefined) && <InNamespace resource={resource} namespace={namespace} isForbidden={isForbidden} />}
      {!table && !error && <output class="quiet">Reading …</output>}
      {table?.rows.size === 0 && <p class="quiet">There are none{namespace && ` in ${namespace}`}.</p>}
      {table && table.rows.size > 0 && rows.length === 0 && <p class="quiet">None is about that.</p>}
      {rows.length > 0 && (
        <VirtualRows
          items={rows}
          keyOf={({ key }) => key}
          columns={columns}
          rowHeight={34}
          narrowHeight={54}
          label={resource.kind}
          choose={({ namespace, name }) => go({ view: 'object', rest: restOf(resource, namespace, name) })}
        />
      )}
    </section>
  );
}

interface InNamespaceProps {
  readonly resource: ApiResource;
  readonly namespace: string | undefined;
  readonly isForbidden: boolean;
}

/** Who may not read all of them may read those of a namespace. */
function InNamespace({ resource, namespace, isForbidden }: InNamespaceProps) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget as HTMLFormElement).get('namespace') ?? '').trim();
    go({ view: 'object', rest: restOf(resource), query: name === '' ? {} : { namespace: name } });
  };
  return (
    <form class="actions" onSubmit={submit}>
      <label>
        {isForbidden ? 'You may be allowed to read those of one namespace: ' : 'Those of the namespace '}
        <input name="namespace" defaultValue={namespace ?? ''} autocomplete="off" spellcheck={false} />
      </label>
      <button type="submit">Show</button>
    </form>
  );
}

function columnsFor(resource: ApiResource, printed: Table['columns']): readonly Column<Row>[] {
  const name: Column<Row> = {
    title: 'Name',
    style: 'name',
    cell: ({ namespace, name }) => (
      <>
        {namespace && <span class="namespace">{namespace}/</span>}
        <a href={linkTo({ view: 'object', rest: restOf(resource, namespace, name) })} tabIndex={-1}>
          {name}
        </a>
      </>
    ),
    tip: ({ namespace, name }) => (namespace === undefined ? name : `${namespace}/${name}`),
  };
  const others = printed.flatMap((column, i): Column<Row>[] => {
    const text = ({ cells }: Row) => String(cells[i] ?? '');
    return column.priority === 0 && column.name !== 'Name' ? [{ title: column.name, style: 'cell', cell: text, tip: text }] : [];
  });
  return [name, ...others];
}

/** What is printed of the objects at the moment that is shown; of now, as it goes on. */
function useTable(resource: ApiResource, namespace: string | undefined): { readonly table: Table | undefined; readonly error: Error | undefined } {
  const [table, setTable] = useState<Table | undefined>();
  const [error, setError] = useState<Error | undefined>();
  const cluster = clusterName.value;
  const when = at.value;
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const path = pathOf(resource, { namespace });
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
  }, [cluster, when, pathOf(resource, { namespace })]);
  return { table, error };
}
