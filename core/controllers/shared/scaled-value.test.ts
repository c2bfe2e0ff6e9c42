import { expect, it } from 'vitest';
import { scaledValue } from './scaled-value.ts';

it.each([
  [3, 10, 'up', 3],
  ['25%', 3, 'up', 1],
  ['25%', 3, 'down', 0],
  ['25%', 4, 'up', 1],
  ['25%', 4, 'down', 1],
  ['100%', 7, 'down', 7],
  ['0%', 7, 'up', 0],
  ['70%', 10, 'up', 7],
] as const)('%s of %d, rounded %s, is %d', (value, total, round, want) => {
  expect(scaledValue(value, total, round)).toBe(want);
});
