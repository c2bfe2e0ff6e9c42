import { expect, it } from 'vitest';
import { MAX_KNOWN } from './cluster-reset.ts';
import { isReachable } from './reachable.ts';

const many = Array.from({ length: MAX_KNOWN }, (_, i) => ({ at: 1_000 + i, to: 900 }));

it.each([
  { name: 'what is behind the beginning', offset: 30, begin: 20, snapshots: [20], resets: [], want: true },
  { name: 'the beginning', offset: 20, begin: 20, snapshots: [20], resets: [], want: true },
  { name: 'what is before it', offset: 19, begin: 20, snapshots: [20], resets: [], want: false },
  { name: 'a log of which all is kept', offset: 5, begin: 0, snapshots: [], resets: [{ at: 4, to: 2 }], want: true },
  { name: 'a reset to what is gone', offset: 30, begin: 20, snapshots: [20], resets: [{ at: 25, to: 5 }], want: false },
  { name: 'what was before that reset', offset: 24, begin: 20, snapshots: [20], resets: [{ at: 25, to: 5 }], want: true },
  { name: 'a snapshot behind it', offset: 30, begin: 20, snapshots: [20, 25], resets: [{ at: 25, to: 5 }], want: true },
  { name: 'a snapshot that is further on', offset: 30, begin: 20, snapshots: [20, 31], resets: [{ at: 25, to: 5 }], want: false },
  { name: 'a reset before the beginning', offset: 30, begin: 20, snapshots: [20], resets: [{ at: 15, to: 5 }], want: true },
  { name: 'a reset to what is there', offset: 30, begin: 20, snapshots: [20], resets: [{ at: 25, to: 22 }], want: true },
  {
    name: 'a reset to behind a reset to what is gone',
    offset: 40,
    begin: 20,
    snapshots: [20],
    resets: [
      { at: 25, to: 5 },
      { at: 35, to: 27 },
    ],
    want: false,
  },
  {
    name: 'a reset to before that',
    offset: 40,
    begin: 20,
    snapshots: [20],
    resets: [
      { at: 25, to: 5 },
      { at: 35, to: 23 },
    ],
    want: true,
  },
  { name: 'resets of which the oldest are not known any more', offset: 2_000, begin: 20, snapshots: [20], resets: many, want: false },
  { name: 'a snapshot behind those', offset: 2_000, begin: 20, snapshots: [20, 1_900], resets: many, want: true },
])('$name', ({ offset, want, ...kept }) => {
  expect(isReachable(offset, kept)).toBe(want);
});
