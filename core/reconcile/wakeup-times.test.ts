import { describe, expect, it } from 'vitest';
import { clusterInstant } from '../instant.ts';
import { WakeupTimes } from './wakeup-times.ts';

function timesOf(entries: Readonly<Record<string, number>>): WakeupTimes {
  const times = new WakeupTimes();
  for (const [key, at] of Object.entries(entries)) times.set(key, clusterInstant(at));
  return times;
}

describe('wake-up times', () => {
  it.each([
    { name: 'none', times: timesOf({}), now: 5, due: [], next: undefined },
    { name: 'none that has come', times: timesOf({ a: 6 }), now: 5, due: [], next: 6 },
    { name: 'those that have come, the earliest first', times: timesOf({ a: 5, b: 3, c: 7, d: 3 }), now: 5, due: ['b', 'd', 'a'], next: 3 },
    { name: 'fractions, and what never comes', times: timesOf({ a: 5.5, b: 4.5, c: Number.POSITIVE_INFINITY, d: 0 }), now: 5, due: ['d', 'b'], next: 0 },
  ])('$name', ({ times, now, due, next }) => {
    expect(times.due(clusterInstant(now))).toEqual(due);
    expect(times.next).toBe(next);
  });

  it('are replaced and cleared', () => {
    const times = timesOf({ a: 1, b: 2 });
    times.set('a', clusterInstant(9));
    times.set('b', undefined);
    times.set('c', undefined);
    expect([times.due(clusterInstant(8)), times.due(clusterInstant(9)), times.next]).toEqual([[], ['a'], 9]);
  });

  it('are copied: neither changes the other', () => {
    const times = timesOf({ a: 1, b: 2 });
    const copy = times.copy();
    copy.set('a', undefined);
    times.set('b', clusterInstant(7));
    expect([times.due(clusterInstant(9)), copy.due(clusterInstant(9))]).toEqual([['a', 'b'], ['b']]);
    expect([times.next, copy.next]).toEqual([1, 2]);
  });

  it('are looked at no further than those that have come', () => {
    let compared = 0;
    /** A key that counts how often it is compared. */
    const key = (text: string) => {
      const read = () => {
        compared++;
        return text;
      };
      return { toString: read } as unknown as string;
    };
    const times = new WakeupTimes();
    for (let i = 0; i < 10_000; i++) times.set(key(String(i).padStart(5, '0')), clusterInstant(i % 2 ? 1 : 1_000));
    compared = 0;
    expect(times.due(clusterInstant(0))).toEqual([]);
    expect(times.next).toBe(1);
    times.copy().set(key('x'), clusterInstant(3));
    expect(compared).toBeLessThan(200);
  });
});
