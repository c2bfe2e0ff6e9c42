import { expect, it } from 'vitest';
import { goDuration, parseGoDuration } from './go-duration.ts';

it.each([
  ['1h30m', 5_400_000],
  ['0', 0],
  ['1.5s', 1_500],
  ['-1m', -60_000],
  ['.5h', 1_800_000],
  ['1500us', 1.5],
  ['', undefined],
  ['1', undefined],
  ['h', undefined],
  ['1h 30m', undefined],
  ['1d', undefined],
  ['3000000h', undefined],
])('%j is %s ms', (text, ms) => {
  expect(parseGoDuration(text)).toBe(ms);
});

it.each([
  [0, '0s'],
  [200, '200ms'],
  [1_250, '1.25s'],
  [40_000, '40s'],
  [62_500, '1m2.5s'],
  [300_000, '5m0s'],
  [3_600_000, '1h0m0s'],
])('%i ms are printed %s', (ms, text) => {
  expect(goDuration(ms)).toBe(text);
  expect(parseGoDuration(text)).toBe(ms);
});
