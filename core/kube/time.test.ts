import { describe, expect, it } from 'vitest';
import { canonicalTime, TimeError } from './time.ts';

describe('canonicalTime', () => {
  it.each([
    ['2024-01-02T03:04:05Z', '2024-01-02T03:04:05Z'],
    ['2024-01-02T03:04:05.987Z', '2024-01-02T03:04:05Z'],
    ['2024-01-02T03:04:05+02:00', '2024-01-02T01:04:05Z'],
    ['2024-03-01T00:30:00+01:00', '2024-02-29T23:30:00Z'],
    ['2023-12-31T23:30:00.5-01:00', '2024-01-01T00:30:00Z'],
  ])('%s → %s', (given, want) => expect(canonicalTime(given, 'seconds')).toBe(want));

  it.each([
    ['2024-01-02T03:04:05.000001Z', '2024-01-02T03:04:05.000001Z'],
    ['2024-01-02T03:04:05.123456+01:00', '2024-01-02T02:04:05.123456Z'],
  ])('in microseconds: %s → %s', (given, want) => expect(canonicalTime(given, 'microseconds')).toBe(want));

  const as = 'as "2006-01-02T15:04:05Z07:00": cannot parse';
  it.each([
    ['', `parsing time "" ${as} "" as "2006"`],
    ['x', `parsing time "x" ${as} "x" as "2006"`],
    ['2024', `parsing time "2024" ${as} "" as "-"`],
    ['2024-1-02', `parsing time "2024-1-02" ${as} "1-02" as "01"`],
    ['2024-01-02', `parsing time "2024-01-02" ${as} "" as "T"`],
    ['2024-01-02 03:04:05Z', `parsing time "2024-01-02 03:04:05Z" ${as} " 03:04:05Z" as "T"`],
    ['2024-01-02T03:04:05', `parsing time "2024-01-02T03:04:05" ${as} "" as "Z07:00"`],
    ['2024-01-02T03:04:05Z ', 'parsing time "2024-01-02T03:04:05Z ": extra text: " "'],
    ['2024-13-02T03:04:05Z', 'parsing time "2024-13-02T03:04:05Z": month out of range'],
    ['2023-02-29T03:04:05Z', 'parsing time "2023-02-29T03:04:05Z": day out of range'],
    ['2024-01-02T24:00:00Z', 'parsing time "2024-01-02T24:00:00Z": hour out of range'],
    ['"', `parsing time "\\"" ${as} "\\"" as "2006"`],
  ])('refuses "%s"', (given, message) => expect(() => canonicalTime(given, 'seconds')).toThrow(new TimeError(message)));

  it('wants six digits of microseconds', () => {
    expect(() => canonicalTime('2024-01-02T03:04:05Z', 'microseconds')).toThrow(
      new TimeError('parsing time "2024-01-02T03:04:05Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"'),
    );
  });
});
