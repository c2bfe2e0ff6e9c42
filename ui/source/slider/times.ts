import { atHand } from '../model/cluster.ts';
import { marks } from './marks.ts';

/** Offsets of which the time is known, in their order. */
interface Anchors {
  readonly offsets: readonly number[];
  readonly times: readonly number[];
}

/** What was found last, and of what. */
let kept: { readonly at: number; readonly took: number; readonly of: readonly unknown[]; readonly anchors: Anchors } | undefined;

/** At most so much of the time is spent on it while a cluster moves. */
const SHARE = 1 / 20;

function anchors(): Anchors {
  const now = performance.now();
  const hand = atHand();
  const of = [marks.value, hand?.timelines, hand?.from];
  if (kept && now - kept.at < kept.took / SHARE && kept.of.every((one, i) => one === of[i])) return kept.anchors;
  const found = new Map<number, number>();
  for (const { offset, time } of marks.value) found.set(offset, Date.parse(time));
  if (hand) {
    // What is made is stamped then, and an Event when it happened.
    for (const { steps } of [hand.timelines.pods, hand.timelines.replicasets, hand.timelines.nodes])
      for (const { offset, before, after } of steps)
        if (!before && after?.metadata.creationTimestamp) found.set(offset, Date.parse(after.metadata.creationTimestamp));
    for (const { offset, after } of hand.timelines.events.steps) {
      const time = after?.series?.lastObservedTime ?? after?.lastTimestamp ?? after?.eventTime;
      if (time) found.set(offset, Date.parse(time));
    }
  }
  const sorted = [...found].sort(([a], [b]) => a - b);
  let latest = Number.NEGATIVE_INFINITY;
  // Stamps are in seconds, and time does not go back.
  const times = sorted.map(([, time]) => (latest = Math.max(latest, time)));
  const made = { offsets: sorted.map(([offset]) => offset), times };
  kept = { at: now, took: performance.now() - now, of, anchors: made };
  return made;
}

/** About when an offset was, in ms since the epoch; NaN where nothing is known. Between two that are known, as far along as the offset is. */
export function timeAt(offset: number): number {
  const { offsets, times } = anchors();
  if (offsets.length === 0) return Number.NaN;
  let [low, high] = [0, offsets.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (offsets[middle]! <= offset) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return times[0]!;
  if (low === offsets.length) return times.at(-1)!;
  const [a, b] = [offsets[low - 1]!, offsets[low]!];
  return times[low - 1]! + ((times[low]! - times[low - 1]!) * (offset - a)) / (b - a);
}

/** How many changes there were, in each of some parts of the log that is at hand. */
export function density(parts: number, from: number, to: number): Uint32Array {
  const counts = new Uint32Array(parts);
  const hand = atHand();
  if (!hand || to <= from) return counts;
  for (const { steps } of Object.values(hand.timelines))
    for (const { offset } of steps) {
      if (offset < from || offset > to) continue;
      counts[Math.min(parts - 1, Math.floor(((offset - from) / (to - from)) * parts))]!++;
    }
  return counts;
}

/** A time of today without its date. */
export function dateText(time: number): string {
  const date = new Date(time);
  return date.toDateString() === new Date().toDateString() ? date.toLocaleTimeString() : date.toLocaleString();
}
