import { describe, expect, it } from 'vitest';
import { superseded } from './snapshots.ts';

describe('superseded', () => {
  const cases: { name: string; given: number[]; want: number[] }[] = [
    { name: 'none', given: [], want: [] },
    { name: 'one', given: [10], want: [] },
    { name: 'the newest is always kept', given: [10, 11], want: [] },
    { name: 'the oldest of an octave is kept', given: [100, 97, 96, 95], want: [96] },
    { name: 'in any order, and a repeated one once', given: [95, 100, 96, 97, 96], want: [96] },
  ];
  for (const { name, given, want } of cases) it(name, () => expect(superseded(given)).toStrictEqual(want));

  it('keeps few, and one near every distance, as the log grows', () => {
    let kept: number[] = [];
    for (let offset = 1_000; offset <= 2_000_000; offset += 1_000) {
      kept.push(offset);
      const dropped = new Set(superseded(kept));
      kept = kept.filter((candidate) => !dropped.has(candidate));
      expect(kept.at(-1)).toBe(offset);
      expect(kept.length).toBeLessThanOrEqual(13);
      // From the newest on, each kept snapshot is at most eight times as far away as the one after it.
      for (let i = kept.length - 3; i >= 0; i--) expect((offset - kept[i]!) / (offset - kept[i + 1]!)).toBeLessThanOrEqual(8);
    }
    expect(kept[0]).toBeLessThan(1_000_000);
  });
});
