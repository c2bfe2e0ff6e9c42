import { expect, it } from 'vitest';
import { simulateClusters } from './simulate-clusters.ts';

it.each([1, 2, 3])('clusters are what was told of them, whatever goes wrong, and leave nothing behind (seed %d)', async (seed) => {
  const { findings, told } = await simulateClusters(seed, { minutes: 4 });
  expect(findings, `npm run sim -- --clusters --seed ${seed} --minutes 4`).toEqual([]);
  expect(told.clusters.length).toBeGreaterThan(5);
  expect(told.writes.length).toBeGreaterThan(40);
});
