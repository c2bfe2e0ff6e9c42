import type { LogEvent } from '../log/event.ts';
import type { Outcome } from './job.ts';

/** What becomes of outcomes that are too much for one entry. */
export type Division =
  /** Some commits first, the others behind them. */
  | { readonly type: 'between commits'; readonly first: readonly Outcome[]; readonly others: readonly Outcome[] }
  /** One commit that takes two entries, cut before the event at a place: it is not atomic. */
  | { readonly type: 'within a commit'; readonly only: Outcome; readonly cut: number; readonly others: readonly Outcome[] }
  /** One commit of a single object, or that is to be in one entry. */
  | { readonly type: 'none'; readonly only: Outcome; readonly others: readonly Outcome[] };

/** Too much for one entry: divided first between commits, then, for one commit alone, between objects. */
export function divided(outcomes: readonly Outcome[]): Division {
  const writers = outcomes.filter(({ events }) => events.length > 0);
  const apart = (some: readonly Outcome[]) => outcomes.filter((outcome) => !some.includes(outcome));
  if (writers.length > 1) {
    const first = writers.slice(0, writers.length >> 1);
    return { type: 'between commits', first, others: apart(first) };
  }
  const [only] = writers as [Outcome];
  const cut = only.job.atomic ? undefined : cutOf(only.events);
  const others = apart([only]);
  return cut === undefined ? { type: 'none', only, others } : { type: 'within a commit', only, cut, others };
}

/**
 * Where events are divided, near their middle: not between those of one object, of which the first would be half a change (a pod that is marked as deleted and
 * not gone). Undefined: they are all of one object.
 */
function cutOf(events: readonly LogEvent[]): number | undefined {
  const half = events.length >> 1;
  const parts = (cut: number) => cut > 0 && cut < events.length && events[cut - 1]!.key !== events[cut]!.key;
  for (let off = 0; off <= half; off++) {
    if (parts(half - off)) return half - off;
    if (parts(half + off)) return half + off;
  }
  return undefined;
}
