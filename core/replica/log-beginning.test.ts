import { expect, it } from 'vitest';
import { MAX_KNOWN } from './cluster-reset.ts';
import { canBeginAt } from './log-beginning.ts';

const many = Array.from({ length: MAX_KNOWN }, (_, i) => ({ at: 1_000 + i, to: 950 }));

it.each([
  { name: 'a log that is all its own', begin: 20, resets: [], reaches: [], want: true },
  { name: 'branches at it and behind it', begin: 20, resets: [], reaches: [20, 30], want: true },
  { name: 'a branch before it', begin: 20, resets: [], reaches: [30, 19], want: false },
  { name: 'a reset to what would be gone', begin: 20, resets: [{ at: 25, to: 19 }], reaches: [], want: false },
  { name: 'a reset to what it begins with', begin: 20, resets: [{ at: 25, to: 20 }], reaches: [], want: true },
  { name: 'a reset that stands before it', begin: 20, resets: [{ at: 15, to: 5 }], reaches: [], want: true },
  { name: 'a reset of which it is the snapshot', begin: 20, resets: [{ at: 20, to: 5 }], reaches: [], want: true },
  {
    name: 'a reset to behind a reset to what would be gone',
    begin: 20,
    resets: [
      { at: 25, to: 5 },
      { at: 35, to: 27 },
    ],
    reaches: [],
    want: false,
  },
  { name: 'resets of which the oldest are not known any more', begin: 960, resets: many, reaches: [], want: false },
  { name: 'a beginning behind the oldest that are known', begin: 1_000 + MAX_KNOWN, resets: many, reaches: [], want: true },
])('$name', ({ begin, want, ...needs }) => {
  expect(canBeginAt(begin, needs)).toBe(want);
});
