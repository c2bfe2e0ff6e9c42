import { describe, expect, it } from 'vitest';
import { parseSchedule } from './schedule.ts';

const range = (from: number, to: number, step = 1) => Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);

function fields(text: string) {
  const schedule = parseSchedule(text);
  if (schedule.type !== 'fields') throw new Error(`an interval: ${text}`);
  const { minutes, hours, daysOfMonth, months, daysOfWeek } = schedule;
  return { minutes: [...minutes], hours: [...hours], daysOfMonth: [...daysOfMonth], months: [...months], daysOfWeek: [...daysOfWeek] };
}

describe('a schedule', () => {
  const every = { minutes: range(0, 59), hours: range(0, 23), daysOfMonth: range(1, 31), months: range(1, 12), daysOfWeek: range(0, 6) };
  it.each([
    { text: '* * * * *', want: every },
    { text: '? * ? * ?', want: every },
    { text: '*/15 * * * *', want: { ...every, minutes: [0, 15, 30, 45] } },
    { text: '5/20 * * * *', want: { ...every, minutes: [5, 25, 45] } },
    { text: '0 9-17/4 * * mon-fri', want: { ...every, minutes: [0], hours: [9, 13, 17], daysOfWeek: range(1, 5) } },
    { text: '1,5,3 0 1 JAN *', want: { ...every, minutes: [1, 5, 3], hours: [0], daysOfMonth: [1], months: [1] } },
    { text: '@weekly', want: { ...every, minutes: [0], hours: [0], daysOfWeek: [0] } },
  ])('$text', ({ text, want }) => expect(fields(text)).toEqual(want));

  it.each([
    ['@every 1h30m', 5_400_000],
    ['@every 90s', 90_000],
    ['@every 1.5s', 1_000],
    ['@every 10ms', 1_000],
    ['@every -1h', 1_000],
    ['@every 0', 1_000],
  ])('%s', (text, every) => expect(parseSchedule(text)).toEqual({ type: 'interval', every }));

  it('knows which of its days restrict it', () => {
    expect(parseSchedule('0 0 ? * mon')).toMatchObject({ anyDayOfMonth: true, anyDayOfWeek: false });
    expect(parseSchedule('0 0 1,*/1 * mon')).toMatchObject({ anyDayOfMonth: true, anyDayOfWeek: false });
    expect(parseSchedule('0 0 */2 * mon')).toMatchObject({ anyDayOfMonth: false, anyDayOfWeek: false });
  });

  it.each([
    ['', 'empty spec string'],
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['* * * * 7', 'end of range (7) above maximum (6): 7'],
    ['9-5 * * * *', 'beginning of range (9) beyond end of range (5): 9-5'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
    ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    [`${'9'.repeat(20)} * * * *`, `failed to parse int from ${'9'.repeat(20)}: strconv.Atoi: parsing "${'9'.repeat(20)}": value out of range`],
    ['@every 9999999h', 'failed to parse duration @every 9999999h: time: invalid duration "9999999h"'],
    ['@fortnightly', 'unrecognized descriptor: @fortnightly'],
    ['@every soon', 'failed to parse duration @every soon: time: invalid duration "soon"'],
  ])('"%s" is refused: %s', (text, message) => expect(() => parseSchedule(text)).toThrow(message));
});
