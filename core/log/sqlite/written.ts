import type { DatabaseSync } from 'node:sqlite';
import type { Offset } from '../event.ts';
import { ITEM_BYTES, NOTHING_WRITTEN, WRITE_UNIT, type Written } from '../written.ts';
import { reading } from './database.ts';

interface Tally {
  /** The first entry that is counted, and the last. */
  readonly first: Offset;
  readonly last: Offset;
  readonly written: Written;
}

/** What the logs of a database have come to. Each entry is looked at once; where a log has been truncated since, what is left is counted anew. */
export function writtenIn(database: DatabaseSync): (log: string) => Written {
  const tallies = new Map<string, Tally>();
  const beginning = database.prepare('SELECT offset FROM entries WHERE cluster = ? ORDER BY offset LIMIT 1');
  const behind = database.prepare(
    `SELECT count(*) AS entries, total(length(bytes)) AS bytes, max(offset) AS last,
      total((length(bytes) + length(writer) + length(cluster) + ${ITEM_BYTES + WRITE_UNIT - 1}) / ${WRITE_UNIT}) AS units
      FROM entries WHERE cluster = ? AND offset > ?`,
  );
  return (log) =>
    reading(() => {
      const first = beginning.get(log)?.['offset'] as Offset | undefined;
      if (first === undefined) return NOTHING_WRITTEN;
      const known = tallies.get(log);
      const { last, written } = known?.first === first ? known : { last: 0, written: NOTHING_WRITTEN };
      const more = behind.get(log, last) as unknown as Written & { readonly last: Offset | null };
      const sum = { entries: written.entries + more.entries, bytes: written.bytes + more.bytes, units: written.units + more.units };
      // What is forgotten here is counted again.
      if (tallies.size >= MOST) tallies.clear();
      tallies.set(log, { first, last: more.last ?? last, written: sum });
      return sum;
    });
}

const MOST = 10_000;
