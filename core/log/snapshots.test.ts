import { describe, expect, it } from 'vitest';
import { MAX_SPACING, SNAPSHOT_SPACING, superseded } from './snapshots.ts';

describe('superseded', () => {
  const cases: { name: string; given: number[]; begin?: number; want: number[] }[] = [
    { name: 'none', given: [], want: [] },
    { name: 'one', given: [10], want: [] },
    { name: 'the two newest are always kept', given: [30_000, 30_001], want: [] },
    { name: 'those near the beginning of the log are not needed', given: [5_000, 10_000, 20_000, 24_000], want: [5_000, 10_000] },
    { name: 'those between near ones are not needed', given: [25_000, 30_000, 35_000, 50_000, 51_000], want: [30_000, 35_000] },
    { name: 'those beside a wide gap are', given: [100_000, 101_000, 200_000], want: [] },
    { name: 'in any order, and a repeated one once', given: [35_000, 25_000, 30_000, 30_000, 50_000], want: [30_000] },
    { name: 'the one at which a truncated log begins stays, and those before it go', given: [100, 200, 300, 400, 500], begin: 200, want: [100, 300] },
    { name: 'spacing counts from where a truncated log begins', given: [40_000, 60_000, 70_000, 80_000], begin: 40_000, want: [] },
  ];
  for (const { name, given, begin = 0, want } of cases) it(name, () => expect(superseded(given, { begin })).toStrictEqual(want));

  it.each([1_000, 8_000, 10_500, SNAPSHOT_SPACING, 24_000])('leaves no wide gap, however long the log grows, when one is taken every %d events', (step) => {
    let kept: number[] = [];
    for (let offset = step; offset <= 2_000_000; offset += step) {
      kept.push(offset);
      const dropped = new Set(superseded(kept));
      kept = kept.filter((candidate) => !dropped.has(candidate));
      expect(kept.at(-1)).toBe(offset);
      const widths = kept.map((candidate, i) => candidate - (kept[i - 1] ?? 0));
      expect(Math.max(...widths)).toBeLessThanOrEqual(MAX_SPACING);
    }
    // As few as that takes, but for a factor of two.
    expect(kept.length).toBeLessThanOrEqual((2 * 2_000_000) / MAX_SPACING + 2);
  });
});
