import type { Offset } from '../../log/event.ts';
import { lastOffset } from '../../log/log.ts';
import { Pace } from '../../replica/pace.ts';
import type { Replica } from '../../replica/replica.ts';
import type { ReadCall } from '../call.ts';
import type { Head } from './selection.ts';

/** A stretch of the log: the changes after one offset, up to another. */
export interface Stretch {
  readonly after: Offset;
  readonly upTo: Offset;
}

/** What happened in a stretch, oldest first: from memory, or from the log as it is stored, of which no state is folded. Throws 410 when it is no longer kept. */
export async function* headsIn({ after, upTo }: Stretch, { replica, api }: Pick<ReadCall, 'replica' | 'api'>): AsyncGenerator<Head> {
  const recent = replica.recentChanges(after, upTo - after);
  if (recent) return yield* recent;
  const pace = new Pace(api.env.clock);
  for await (const { offset: first, events, time } of replica.entries.from(after + 1)) {
    for (const [i, { type, key, actor, cause }] of events.entries()) {
      const offset = first + i;
      if (offset > upTo) return;
      if (offset > after) yield { offset, type, key, actor, time, ...(cause !== undefined && { cause }) };
    }
    if (first + events.length > upTo) return;
    await pace.worked(events.length);
  }
}

/** One change, as the log has it: its head, and its event. undefined: it is no longer kept. */
export async function eventAt(offset: Offset, { entries }: Pick<Replica, 'entries'>) {
  const entry = await entries.at(offset);
  const event = entry?.events[offset - entry.offset];
  return event && { entry: { offset: entry.offset, events: lastOffset(entry) - entry.offset + 1 }, event, time: entry.time };
}
