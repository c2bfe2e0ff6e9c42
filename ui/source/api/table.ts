import { get } from './client.ts';
import { watch } from './watch.ts';
import type { Where } from './where.ts';

/** Objects of any kind as the cluster prints them (API concepts, "Receiving resources as Tables"). */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: ReadonlyMap<string, Row>;
  readonly resourceVersion: number;
}

export interface Column {
  readonly name: string;
  readonly type: string;
  /** 0: shown where there is little room. */
  readonly priority: number;
}

export interface Row {
  /** `namespace/name` */
  readonly key: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly cells: readonly (string | number | boolean | null)[];
}

interface Answer {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly columnDefinitions: readonly Column[] | null;
  readonly rows:
    | readonly { readonly cells: Row['cells']; readonly object: { readonly metadata: { readonly namespace?: string; readonly name: string } } }[]
    | null;
}

const ACCEPT = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const PAGE = 2_000;

/** Objects of a resource, a page after the other: each time with all that is there so far. */
export async function* tableOf(where: Where, path: string, signal: AbortSignal): AsyncGenerator<Table & { readonly isWhole: boolean }> {
  const rows = new Map<string, Row>();
  let columns: readonly Column[] = [];
  let next: string | undefined;
  do {
    const query = { limit: PAGE, fields: 'metadata.name', continue: next };
    const answer: Answer = await get(where, path, { query, accept: ACCEPT, signal });
    columns = answer.columnDefinitions ?? columns;
    for (const row of rowsOf(answer)) rows.set(row.key, row);
    next = answer.metadata.continue || undefined;
    yield { columns, rows: new Map(rows), resourceVersion: Number(answer.metadata.resourceVersion), isWhole: next === undefined };
  } while (next !== undefined);
}

interface Followed {
  readonly cluster: string;
  readonly path: string;
  readonly table: Table;
  readonly signal: AbortSignal;
}

/** The same as it changes, until the watch ends. Throws an ApiError, 410 where the table is too old to be followed. */
export async function* followed({ cluster, path, table, signal }: Followed): AsyncGenerator<Table> {
  const rows = new Map(table.rows);
  const { columns, resourceVersion: after } = table;
  let resourceVersion = after;
  for await (const events of watch<Answer>({ where: { cluster }, path, fields: 'metadata.name', accept: ACCEPT, after, signal })) {
    for (const { type, object } of events) {
      resourceVersion = Math.max(resourceVersion, Number(object.metadata.resourceVersion) || 0);
      if (type === 'BOOKMARK') continue;
      for (const row of rowsOf(object)) type === 'DELETED' ? rows.delete(row.key) : rows.set(row.key, row);
    }
    yield { columns, rows: new Map(rows), resourceVersion };
  }
}

const rowsOf = ({ rows }: Answer): Row[] =>
  (rows ?? []).map(({ cells, object: { metadata } }) => ({
    key: `${metadata.namespace ?? ''}/${metadata.name}`,
    namespace: metadata.namespace,
    name: metadata.name,
    cells,
  }));
