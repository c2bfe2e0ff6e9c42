import { expect, it } from 'vitest';
import { addressesOf } from './ip-allocation.ts';
import { numberOfPodCIDR, podCIDROf } from './node-objects.ts';

it.each([1, 255, 256, 3_071, 3_072, 5_000, 19_455])('gives node %d a range that says which node it is of', (number) => {
  expect(numberOfPodCIDR(podCIDROf(number))).toBe(number);
  expect([...addressesOf(podCIDROf(number))]).toHaveLength(253);
});

it('gives no two nodes one range', () => {
  const ranges = Array.from({ length: 19_455 }, (_, i) => podCIDROf(i + 1));
  expect(new Set(ranges).size).toBe(ranges.length);
});

it.each(['10.96.0.0/24', '100.128.0.0/24', '192.168.0.0/24'])('knows no number of %s', (range) => {
  expect(numberOfPodCIDR(range)).toBe(undefined);
});
