import { expect, it } from 'vitest';
import { age, humanDuration } from './duration.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// The limits of every unit, from the table of k8s.io/apimachinery/pkg/util/duration.
it.each([
  { ms: -3 * SECOND, want: '<invalid>' },
  { ms: -1_500, want: '0s' },
  { ms: 0, want: '0s' },
  { ms: 1_999, want: '1s' },
  { ms: 119 * SECOND, want: '119s' },
  { ms: 2 * MINUTE, want: '2m' },
  { ms: 2 * MINUTE + SECOND, want: '2m1s' },
  { ms: 10 * MINUTE - SECOND, want: '9m59s' },
  { ms: 10 * MINUTE + 5 * SECOND, want: '10m' },
  { ms: 3 * HOUR - SECOND, want: '179m' },
  { ms: 3 * HOUR, want: '3h' },
  { ms: 3 * HOUR + MINUTE, want: '3h1m' },
  { ms: 8 * HOUR - SECOND, want: '7h59m' },
  { ms: 2 * DAY - SECOND, want: '47h' },
  { ms: 2 * DAY, want: '2d' },
  { ms: 2 * DAY + HOUR, want: '2d1h' },
  { ms: 8 * DAY, want: '8d' },
  { ms: 2 * 365 * DAY - SECOND, want: '729d' },
  { ms: 2 * 365 * DAY + DAY, want: '2y1d' },
  { ms: 8 * 365 * DAY + DAY, want: '8y' },
])('$ms ms is printed as $want', ({ ms, want }) => {
  expect(humanDuration(ms)).toBe(want);
});

it.each([
  { timestamp: '2026-01-01T00:00:00Z', want: '90s' },
  { timestamp: undefined, want: '<unknown>' },
  { timestamp: null, want: '<unknown>' },
])('the age of $timestamp is $want', ({ timestamp, want }) => {
  expect(age(timestamp, Date.parse('2026-01-01T00:01:30Z'))).toBe(want);
});
