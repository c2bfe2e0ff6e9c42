import { describe, expect, it } from 'vitest';
import { type AllocationScore, leastAllocated, mostAllocated, requestedToCapacityRatio } from './allocation-scores.ts';

const use = (requested: number, capacity: number, weight = 1) => ({ requested, capacity, weight });
// From nothing used, worth nothing, to all used, worth 10.
const packing = requestedToCapacityRatio([
  { utilization: 0, score: 0 },
  { utilization: 100, score: 10 },
]);
const spreading = requestedToCapacityRatio([
  { utilization: 0, score: 10 },
  { utilization: 50, score: 8 },
  { utilization: 100, score: 0 },
]);

describe('a node scores by what would be taken of it', () => {
  it.each<{ name: string; score: AllocationScore; uses: Parameters<AllocationScore>[0]; want: number }>([
    // The figures of kube-scheduler's least_allocated_test.go and most_allocated_test.go.
    { name: 'LeastAllocated', score: leastAllocated, uses: [use(3000, 4000), use(5000, 10000)], want: 37 },
    { name: 'LeastAllocated, over the brim', score: leastAllocated, uses: [use(6000, 4000), use(0, 10000)], want: 50 },
    { name: 'LeastAllocated, weighed', score: leastAllocated, uses: [use(3000, 4000, 3), use(5000, 10000, 1)], want: 31 },
    { name: 'MostAllocated', score: mostAllocated, uses: [use(3000, 4000), use(5000, 10000)], want: 62 },
    { name: 'MostAllocated, over the brim', score: mostAllocated, uses: [use(6000, 4000), use(5000, 10000)], want: 75 },
    { name: 'nothing that counts', score: mostAllocated, uses: [], want: 0 },
    { name: 'RequestedToCapacityRatio', score: packing, uses: [use(3000, 4000), use(5000, 10000)], want: 63 },
    { name: 'RequestedToCapacityRatio, without what scores nothing', score: packing, uses: [use(3000, 4000), use(0, 10000)], want: 75 },
    { name: 'RequestedToCapacityRatio, between two points', score: spreading, uses: [use(25, 100)], want: 90 },
    { name: 'RequestedToCapacityRatio, after the second', score: spreading, uses: [use(75, 100)], want: 40 },
    { name: 'RequestedToCapacityRatio, over the brim', score: packing, uses: [use(300, 100)], want: 100 },
  ])('$name', ({ score, uses, want }) => expect(score(uses)).toBe(want));
});
