import { type Table, tableOf } from '../api/table.ts';
import type { Where } from '../api/where.ts';

/** How many rows are kept: some times those of a cluster of ten thousand pods. */
const MOST_ROWS = 60_000;

/** What was printed of moments of the past, by where that was. What was read last comes last. */
const kept = new Map<string, Table>();

/** As `tableOf`; of an offset that was read before nothing is asked: what was there does not change, and the ages in it are those of when it was read. */
export async function* tableAt(where: Where, path: string, signal: AbortSignal): AsyncGenerator<Table & { readonly isWhole: boolean }> {
  const name = typeof where.at === 'number' ? `${where.cluster}@${where.at}${path}` : undefined;
  const known = name === undefined ? undefined : kept.get(name);
  if (known) {
    keep(name!, known);
    return yield { ...known, isWhole: true };
  }
  for await (const part of tableOf(where, path, signal)) {
    if (part.isWhole && name !== undefined) keep(name, part);
    yield part;
  }
}

function keep(name: string, table: Table): void {
  kept.delete(name);
  kept.set(name, table);
  let rows = 0;
  for (const each of kept.values()) rows += each.rows.size;
  for (const [oldest, { rows: its }] of kept) {
    if (rows <= MOST_ROWS || oldest === name) return;
    kept.delete(oldest);
    rows -= its.size;
  }
}

/** Nothing of it is to be had any more: who looked is signed out, or the cluster is another one. */
export const forgetTables = (): void => kept.clear();
