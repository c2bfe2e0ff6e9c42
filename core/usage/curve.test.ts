import { describe, expect, it } from 'vitest';
import { clusterInstant } from '../instant.ts';
import { START } from '../testing/env.ts';
import { stateOf } from '../testing/state.ts';
import { parseCurve } from './curve.ts';

const MINUTE = 60_000;

/** What a curve is after some minutes, and after how many more of them it may be something else. */
function at(text: string, minutes: number): [value: number | undefined, changesIn: number | undefined] {
  const now = START + minutes * MINUTE;
  let next: number | undefined;
  const value = parseCurve(text)?.at(
    {
      state: stateOf([]),
      now: clusterInstant(now),
      changesAt: (time) => {
        next = Math.min(time, next ?? time);
      },
    },
    START,
  );
  return [value, next === undefined ? undefined : (next - now) / MINUTE];
}

describe('a curve', () => {
  it.each([
    { name: 'a quantity', text: '250m', minutes: 3, want: [0.25, undefined] },
    { name: 'before the first point', text: '5m=1, 10m=2', minutes: 3, want: [1, 3] },
    { name: 'between two', text: '5m=1, 10m=2', minutes: 6, want: [1.2, 1] },
    { name: 'sampled', text: '5m=1, 10m=2', minutes: 6.2, want: [1.2, 0.8] },
    { name: 'behind the last', text: '5m=1, 10m=2', minutes: 30, want: [2, undefined] },
    { name: 'level', text: '5m=1, 10m=1, 15m=2', minutes: 6, want: [1, 5] },
    { name: 'at a moment', text: '2026-01-01T00:10:00Z=0, 2026-01-01T00:20:00Z=100Mi', minutes: 15, want: [50 * 2 ** 20, 1] },
    { name: 'of the day', text: '06:00=1, 12:00=3', minutes: 9 * 60, want: [2, 1] },
    { name: 'over midnight', text: '06:00=1, 18:00=3', minutes: 24 * 60, want: [2, 1] },
    { name: 'the next day', text: '06:00=1, 12:00=3', minutes: 33 * 60, want: [2, 1] },
    { name: 'of the day, and always the same', text: '06:00=1, 12:00=1', minutes: 5, want: [1, undefined] },
    { name: 'never below nothing', text: '-1', minutes: 0, want: [0, undefined] },
    ...['', 'fast', '5s', '5m=1=2', '5m=1, 06:00=2', '25:00=1', '5m=x'].map((text) => ({
      name: `none: "${text}"`,
      text,
      minutes: 0,
      want: [undefined, undefined],
    })),
  ])('$name', ({ text, minutes, want }) => {
    const [value, next] = at(text, minutes);
    expect([value, next === undefined ? undefined : Math.round(next * 100) / 100]).toEqual(want);
  });
});
