import { expect, it } from 'vitest';
import { simulateBranches } from './branches.ts';

it.each([1, 2, 3, 4])('forks stay what their parents were, and what has ended leaves nothing (seed %d)', async (seed) => {
  const { findings, told } = await simulateBranches(seed);
  expect(findings).toEqual([]);
  expect(told.forks.length).toBeGreaterThan(2);
  expect(told.writes.length).toBeGreaterThan(100);
});
