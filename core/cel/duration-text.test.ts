import { describe, expect, it } from 'vitest';
import { durationText, parseDuration } from './duration-text.ts';

describe('a duration as Go writes it', () => {
  const check = ({ text, want }: { text: string; want: bigint | undefined }) => expect(parseDuration(text)).toBe(want);

  it.each([
    { text: '1h30m', want: 5_400_000_000_000n },
    { text: '-1.5s', want: -1_500_000_000n },
    { text: '.5µs', want: 500n },
    { text: '0', want: 0n },
    { text: '0.1234567891s', want: 123_456_789n },
    { text: '9223372036854775807ns', want: 2n ** 63n - 1n },
    { text: '-9223372036854775808ns', want: -(2n ** 63n) },
    { text: '9223372036854775808ns', want: undefined },
    { text: '2562048h', want: undefined },
    { text: '1', want: undefined },
    { text: '1 h', want: undefined },
    { text: '.s', want: undefined },
    { text: '', want: undefined },
    { text: '-', want: undefined },
  ])('$text', check);

  it('is text in seconds', () => {
    expect([5_400_000_000_000n, -1_500_000_000n, 1n, 0n, 2n ** 63n - 1n].map(durationText)).toEqual([
      '5400s',
      '-1.5s',
      '0.000000001s',
      '0s',
      '9223372036.854776s',
    ]);
  });
});
