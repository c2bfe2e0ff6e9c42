import { describe, expect, it } from 'vitest';
import { doubleText, parseDouble } from './double-text.ts';

describe('a double', () => {
  const check = ({ x, want }: { x: number; want: string }) => expect(doubleText(x)).toBe(want);

  it.each([
    { x: 0.5, want: '0.5' },
    { x: -0, want: '-0' },
    { x: 100_000, want: '100000' },
    { x: 1_000_000, want: '1e+06' },
    { x: 123_456_789, want: '1.23456789e+08' },
    { x: 0.0001, want: '0.0001' },
    { x: 0.00001, want: '1e-05' },
    { x: 1.5e300, want: '1.5e+300' },
    { x: Number.NaN, want: 'NaN' },
    { x: Number.POSITIVE_INFINITY, want: '+Inf' },
  ])('is written as Go does: $want', check);

  it('is read as Go does', () => {
    expect(['1_0.5', '0x1p-2', ' 1', '1e400', 'infinity', '-.5', '1.', '', '_1', '1__0'].map(parseDouble)).toEqual([
      10.5,
      0.25,
      undefined,
      undefined,
      Number.POSITIVE_INFINITY,
      -0.5,
      1,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
