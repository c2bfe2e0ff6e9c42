import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Offset } from '../event.ts';
import { isBegun, openDatabase } from './database.ts';
import { type End, EndMark } from './end-mark.ts';
import { LogDamaged, LogLost } from './refusals.ts';
import { type Verified, verify } from './verify.ts';

/**
 * Opens the database of a log and the mark beside it, and compares them. Throws `LogLost` or `LogDamaged` when the database holds less than was
 * acknowledged, and leaves it as it is.
 */
export function openWhole(file: string, { acceptLoss }: { acceptLoss: boolean }): Opened {
  const markFile = `${file}-end`;
  let mark = openMark(markFile, acceptLoss);
  const acknowledged: ReadonlyMap<string, End> = new Map(mark?.ends);
  let database: DatabaseSync | undefined;
  try {
    const refuseNew = () => {
      for (const [cluster, { offset }] of acknowledged)
        if (offset > 0) throw new LogLost(`${file} is missing or empty: cluster ${cluster} came to resourceVersion ${offset}`);
    };
    // Before SQLite looks at it, which would throw away the WAL of an empty file.
    if (!isBegun(file)) refuseNew();
    database = openDatabase(file, {
      creating: refuseNew,
      migrating: (old) => {
        mark = EndMark.create(markFile);
        note(mark, verify(old, { file, acknowledged }).ends);
      },
    });
    const known: ReadonlyMap<string, End> = new Map(mark?.ends);
    const { ends, lost, unmarked } = verify(database, { file, acknowledged: known });
    if (!acceptLoss) refuse(file, { acknowledged: known, ends, lost, unmarked });
    const skipped = new Map(unmarked.map((cluster) => [cluster, ends.get(cluster)!.offset + FAR]));
    for (const cluster of lost) skipped.set(cluster, Math.max(known.get(cluster)!.offset, ends.get(cluster)?.offset ?? 0) + 1);
    mark ??= EndMark.create(markFile);
    // First of all: until the cluster has begun anew there, it is refused again.
    note(
      mark,
      [...skipped].map(([cluster, offset]) => [cluster, { offset, sum: 0 }] as const),
    );
    // A process that was killed has not always noted the last that it appended.
    note(mark, ends);
    return { database, mark, lost: skipped };
  } catch (error) {
    database?.close();
    mark?.close();
    throw error;
  }
}

interface Opened {
  readonly database: DatabaseSync;
  readonly mark: EndMark;
  /** What `acceptLoss` let pass: the clusters that lost something, and an offset behind all that may have been acknowledged of them. */
  readonly lost: ReadonlyMap<string, Offset>;
}

function note(mark: EndMark, ends: Iterable<readonly [string, End]>): void {
  for (const [cluster, end] of ends) {
    mark.begin(cluster);
    mark.advance(cluster, end);
  }
}

/** Further than anything can have been acknowledged behind what is there, when the mark that says it is gone. */
const FAR = 1_000_000;

function refuse(file: string, { acknowledged, ends, lost, unmarked }: Verified & { readonly acknowledged: ReadonlyMap<string, End> }): void {
  if (unmarked.length > 0) {
    const what = existsSync(`${file}-end`) ? `${file}-end does not know cluster ${unmarked[0]}` : `${file}-end is missing, which says what was acknowledged`;
    throw new LogLost(`${what}: whether all of it is in ${basename(file)} cannot be told`);
  }
  const [cluster] = lost;
  if (cluster === undefined) return;
  const { offset } = acknowledged.get(cluster)!;
  const end = ends.get(cluster)?.offset ?? 0;
  const there = end < offset ? `it ends at ${end}` : 'what it has there is of another history';
  throw new LogLost(`${file} does not hold what was acknowledged: cluster ${cluster} came to resourceVersion ${offset}, and ${there}`);
}

function openMark(file: string, acceptLoss: boolean): EndMark | undefined {
  try {
    return EndMark.open(file);
  } catch (error) {
    if (error instanceof LogDamaged && acceptLoss) return undefined;
    throw error;
  }
}
