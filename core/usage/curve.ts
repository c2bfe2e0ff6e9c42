import { clusterInstant } from '../instant.ts';
import { parseGoDuration } from '../kube/go-duration.ts';
import { parseQuantity, QuantityError } from '../kube/quantity.ts';
import { canonicalTime, TimeError } from '../kube/time.ts';
import type { Moment } from './moment.ts';
import { SAMPLE } from './sampling.ts';

/**
 * A value that is a function of time, as annotations write it: one quantity (`250m`), or points with a straight line from each to the next. A point is at a time after the object's
 * creation (`0s=100m, 5m=2, 20m=100m`), at a time of the day in UTC, again every day (`07:00=200m, 09:00=2`), or at a moment (`2026-01-01T12:00:00Z=1`).
 * It is sampled every `SAMPLE`, and has between two samples the value of the first.
 */
export interface Curve {
  /** Its value in the unit of the resource (cores, bytes); `since`: the creation of the object that it stands at, ms since the epoch. */
  at(moment: Moment, since: number): number;
}

/** Undefined for what is no curve. The same text is parsed once. */
export function parseCurve(text: string): Curve | undefined {
  if (!parsed.has(text)) {
    if (parsed.size >= MOST_PARSED) parsed.clear();
    parsed.set(text, parse(text));
  }
  return parsed.get(text);
}

const parsed = new Map<string, Curve | undefined>();
const MOST_PARSED = 1_000;

function parse(text: string): Curve | undefined {
  const entries = text.split(',').map((entry) => entry.split('='));
  const [first] = entries;
  if (entries.length === 1 && first!.length === 1) {
    const value = amountOf(first![0]!);
    return value === undefined ? undefined : { at: () => value };
  }
  const points = entries.map(([at, value, ...more]) => (value === undefined || more.length > 0 ? undefined : pointOf(at!.trim(), value)));
  if (!isComplete(points) || points.some(({ scale }) => scale !== points[0]!.scale)) return undefined;
  points.sort((a, b) => a.at - b.at);
  return points[0]!.scale === 'day' ? daily(points) : once(points);
}

interface Point {
  /** What `at` counts from: the object's creation, the epoch, or midnight. */
  readonly scale: 'age' | 'epoch' | 'day';
  readonly at: number;
  readonly value: number;
}

const isComplete = (points: readonly (Point | undefined)[]): points is Point[] => points.every((point) => point !== undefined);

function pointOf(at: string, text: string): Point | undefined {
  const value = amountOf(text);
  if (value === undefined) return undefined;
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(at) ?? [];
  if (hours !== undefined) return { scale: 'day', at: (Number(hours) * 60 + Number(minutes)) * 60_000, value };
  const age = parseGoDuration(at);
  if (age !== undefined) return { scale: 'age', at: age, value };
  const time = momentOf(at);
  return time === undefined ? undefined : { scale: 'epoch', at: time, value };
}

function momentOf(text: string): number | undefined {
  try {
    return Date.parse(canonicalTime(text, 'seconds'));
  } catch (error) {
    if (error instanceof TimeError) return undefined;
    throw error;
  }
}

function amountOf(text: string): number | undefined {
  try {
    return Math.max(0, Number(parseQuantity(text.trim()).nanos) / 1e9);
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}

/** Before its first point it has that one's value, and behind the last that one's. */
function once(points: readonly Point[]): Curve {
  return {
    at({ now, changesAt }, since) {
      const from = points[0]!.scale === 'age' ? since : 0;
      const after = points.findIndex(({ at }) => from + at > sampled(now));
      if (after === -1) return points.at(-1)!.value;
      const next = points[after]!;
      const previous = points[after - 1];
      const isFlat = !previous || previous.value === next.value;
      changesAt(clusterInstant(isFlat ? sampleAfter(from + next.at) : sampled(now) + SAMPLE));
      return previous ? between(previous, next, sampled(now) - from) : next.value;
    },
  };
}

const DAY = 86_400_000;

/** The line from the last point of a day leads to the first of the next. */
function daily(points: readonly Point[]): Curve {
  const [first, last] = [points[0]!, points.at(-1)!];
  const around = [{ ...last, at: last.at - DAY }, ...points, { ...first, at: first.at + DAY }];
  const isConstant = points.every(({ value }) => value === first.value);
  return {
    at({ now, changesAt }) {
      if (isConstant) return first.value;
      const midnight = Math.floor(now / DAY) * DAY;
      const time = sampled(now) - midnight;
      const after = around.findIndex(({ at }) => at > time);
      const [previous, next] = [around[after - 1]!, around[after]!];
      changesAt(clusterInstant(previous.value === next.value ? sampleAfter(midnight + next.at) : sampled(now) + SAMPLE));
      return between(previous, next, time);
    },
  };
}

function between(previous: Point, next: Point, at: number): number {
  return previous.value + ((next.value - previous.value) * (at - previous.at)) / (next.at - previous.at);
}

const sampled = (time: number): number => Math.floor(time / SAMPLE) * SAMPLE;

/** The first sample that is behind a point. */
const sampleAfter = (time: number): number => sampled(time) + SAMPLE;
