import { describe, expect, it } from 'vitest';
import { shortened } from './answers.ts';

const numbered = (count: number, length: number) => Array.from({ length: count }, (_, i) => `${i}`.padEnd(length, 'x'));

describe('warnings', () => {
  it('are told once each', () => expect(shortened(['a', 'b', 'a'])).toEqual(['a', 'b']));

  it('stay whole as long as all of them are short enough', () => {
    expect(shortened(numbered(4, 1024))).toEqual(numbered(4, 1024));
    expect(shortened(['é'.repeat(4096)])).toEqual(['é'.repeat(4096)]);
  });

  it.each([
    { name: 'a long one', given: ['x'.repeat(4097)], want: ['x'.repeat(256)] },
    { name: 'of characters outside the first plane', given: ['😀'.repeat(4097)], want: ['😀'.repeat(256)] },
    { name: 'long ones', given: numbered(20, 300), want: numbered(16, 256) },
    // What is short is not cut, so that there are more of them: up to the one that is too much.
    { name: 'short ones', given: numbered(100, 50), want: numbered(82, 50) },
  ])('are cut and left out when they are not: $name', ({ given, want }) => expect(shortened(given)).toEqual(want));
});
