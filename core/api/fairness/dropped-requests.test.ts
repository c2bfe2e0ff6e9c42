import { expect, it } from 'vitest';
import { DroppedRequests } from './dropped-requests.ts';

/** What those are told that come in the seconds of a time, so many in each. */
const told = (perSecond: readonly number[]): number[] => {
  const dropped = new DroppedRequests();
  return perSecond.flatMap((count, second) => (count === 0 ? [] : [Array.from({ length: count }, () => dropped.drop('c all', second)).at(-1)!]));
};

it.each([
  { name: 'a few now and then', perSecond: [1, 1, 1, 1], want: [1, 1, 1, 1] },
  { name: 'a spike, once', perSecond: [100, 1, 1, 1, 1], want: [1, 2, 2, 2, 2] },
  {
    name: 'a flood',
    perSecond: new Array(40).fill(100),
    want: [1, 2, 2, ...new Array(4).fill(4), ...new Array(8).fill(8), ...new Array(16).fill(16), ...new Array(9).fill(32)],
  },
  { name: 'a flood that is over', perSecond: [9, 9, 9, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1], want: [1, 2, 2, 4, 3, 2, 1] },
])('$name', ({ perSecond, want }) => {
  expect(told(perSecond)).toEqual(want);
});

it('each level of each cluster has its own', () => {
  const dropped = new DroppedRequests();
  for (let i = 0; i < 10; i++) dropped.drop('a all', 0);
  expect([dropped.drop('a all', 1), dropped.drop('b all', 1), dropped.drop('a other', 1)]).toEqual([2, 1, 1]);
});
