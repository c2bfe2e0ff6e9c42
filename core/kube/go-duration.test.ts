import { expect, it } from 'vitest';
import { parseGoDuration } from './go-duration.ts';

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
