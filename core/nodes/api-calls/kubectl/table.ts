import type { ApiResource } from '../../../apis/api-resource.ts';
import { ageColumn, ageOf, nameColumn } from '../../../apis/columns.ts';
import type { Cell, Table } from '../../../apis/strategy.ts';
import type { KubeObject } from '../../../kube/object.ts';

interface TableOptions {
  readonly now: number;
  readonly wide: boolean;
  readonly headers: boolean;
  /** In front of all. */
  readonly namespaces: boolean;
}

const plain: Table<KubeObject> = { columns: [nameColumn, ageColumn], cells: (object, now) => [object.metadata.name, ageOf(object, now)] };

/** What `kubectl get` shows of objects of one kind: columns as wide as what is in them (cli-runtime's pkg/printers/tableprinter.go). */
export function table({ strategy, versions }: ApiResource, objects: readonly KubeObject[], { now, wide, headers, namespaces }: TableOptions): string {
  const { columns, cells } = versions[0]!.table ?? (strategy.table as Table<KubeObject> | undefined) ?? plain;
  const shown = columns.flatMap(({ priority }, i) => (priority === 0 || wide ? [i] : []));
  const rowOf = (object: KubeObject) => {
    const all = cells(object, now);
    return [...(namespaces ? [object.metadata.namespace ?? ''] : []), ...shown.map((i) => textOf(all[i] ?? null))];
  };
  const header = [...(namespaces ? ['NAMESPACE'] : []), ...shown.map((i) => columns[i]!.name.toUpperCase())];
  return aligned([...(headers ? [header] : []), ...objects.map(rowOf)]);
}

const textOf = (cell: Cell): string => (cell === null ? '' : String(cell).replace(/[\r\n\f].*/s, '...'));

const PADDING = 3;
const LEAST_WIDTH = 6;

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(LEAST_WIDTH, Math.max(...rows.map((row) => row[i]!.length)) + PADDING));
  return rows.map((row) => `${row.map((cell, i) => (i < row.length - 1 ? cell.padEnd(widths[i]!) : cell)).join('')}\n`).join('');
}
