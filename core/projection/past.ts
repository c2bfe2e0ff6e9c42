import { EntriesMissing } from '../log/entry.ts';
import { type EventLog, type LogEntry, lastOffset, type Offset } from '../log/log.ts';
import { expired } from '../status.ts';
import { Projection, type ProjectionOptions } from './projection.ts';
import { restoreSnapshot } from './snapshot.ts';

/** Where the past of a cluster is kept. */
export interface Past {
  readonly log: EventLog;
  readonly cluster: string;
  readonly projection?: ProjectionOptions;
}

/** The newest snapshot at or before an offset (any offset, when none is given) as a projection; an empty one when there is none. */
export async function newestSnapshot({ log, cluster, projection }: Past, atMost?: Offset): Promise<Projection> {
  const snapshot = await log.loadSnapshot(cluster, atMost === undefined ? {} : { atMost });
  return snapshot ? restoreSnapshot(snapshot, projection) : new Projection(projection);
}

/**
 * A projection of its own right after an offset, folded from snapshot and log. `boundary` is the end of the last entry that is wholly in
 * it: reading goes on from there. Throws 410 when the log no longer reaches back so far.
 */
export async function pastAt(past: Past, offset: Offset): Promise<{ projection: Projection; boundary: Offset }> {
  const projection = await newestSnapshot(past, offset);
  let boundary = projection.offset;
  if (projection.offset === offset) return { projection, boundary };
  for await (const entry of entriesAfter(past, boundary)) {
    const whole = lastOffset(entry) <= offset;
    projection.apply(whole ? entry : { ...entry, events: entry.events.slice(0, offset - entry.offset + 1) });
    if (whole) boundary = projection.offset;
    if (projection.offset >= offset) return { projection, boundary };
  }
  throw tooOld(offset);
}

/** The entries after an offset. Throws 410 when the log no longer reaches back so far: old entries are deleted. */
export async function* entriesAfter({ log, cluster }: Past, offset: Offset): AsyncGenerator<LogEntry> {
  let end = offset;
  try {
    for await (const entry of log.read(cluster, { after: offset })) {
      if (entry.offset > end + 1) throw tooOld(offset);
      yield entry;
      end = lastOffset(entry);
    }
  } catch (error) {
    throw error instanceof EntriesMissing ? tooOld(offset) : error;
  }
}

const tooOld = (offset: Offset) => expired(`The resourceVersion for the provided watch is too old: ${offset}`);
