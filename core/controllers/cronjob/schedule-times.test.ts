import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../apis/batch/schedule.ts';
import { type TimeZone, timeZoneOf, utc } from '../../apis/batch/time-zone.ts';
import { lastTime, nextTime } from './schedule-times.ts';

/** As scripts/facts/cron-times prints it, in seconds since the epoch. */
interface Recorded {
  readonly schedule: string;
  readonly zone: string;
  readonly times: readonly (readonly [from: number, next: number | null])[];
}

const recorded: Recorded[] = readFileSync(new URL('testdata/cron-times.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
const zone = (name: string): TimeZone => timeZoneOf(name)!;
const text = (time: number | undefined | null) => (time ? new Date(time).toISOString() : 'never');

describe("the next time is that of Kubernetes' library", () => {
  const zones = Object.entries(Object.groupBy(recorded, (line) => line.zone));
  it.each(zones)('%s', (name, lines) => {
    const answers = lines!.flatMap(({ schedule, times }) => times.map(([from, next]) => ({ schedule, from, next })));
    const show = (schedule: string, from: number, next: number | undefined | null) => `${schedule}  after ${text(from * 1000)}  ${text(next)}`;
    const got = answers.map(({ schedule, from }) => show(schedule, from, nextTime(parseSchedule(schedule), from * 1000, zone(name))));
    expect(got).toEqual(answers.map(({ schedule, from, next }) => show(schedule, from, next && next * 1000)));
  });

  it('over thousands of times', () => {
    expect(zones.length).toBeGreaterThan(10);
    expect(recorded.flatMap(({ times }) => times).length).toBeGreaterThan(3000);
  });
});

it('a day that a zone leaves out is passed over', () => {
  // From Thursday to Saturday, 2011; the original goes round for ever here.
  const next = nextTime(parseSchedule('0 0 1-7 * ?'), Date.parse('2011-12-29T06:44:15Z'), zone('Pacific/Apia'));
  expect(text(next)).toBe('2011-12-31T10:00:00.000Z');
});

describe('a search', () => {
  /** How often the zone is asked what its clocks show. */
  function counting(given: TimeZone) {
    const counted = {
      asked: 0,
      offsetAt(time: number) {
        counted.asked++;
        return given.offsetAt(time);
      },
    };
    return counted;
  }
  // At most three questions a day of six years, with nothing found.
  const MOST = 3 * 6 * 366;

  it.each(['0 0 30 2 *', '0 0 31 2,4,6,9,11 *', '59 23 29 2 *', '0 0 31 */2 ?', ', * * * *', '* , * * *', '* * , * *', '* * * * ,', '0 0 30 2 */7'])(
    'for %s ends soon',
    (schedule) => {
      for (const name of ['Europe/Berlin', 'Australia/Lord_Howe', 'America/Havana']) {
        const counted = counting(zone(name));
        nextTime(parseSchedule(schedule), Date.parse('2026-03-01T00:00:01Z'), counted);
        expect(counted.asked).toBeLessThan(MOST);
      }
    },
  );

  it.each(['* * * * *', '* 0 1 1 *', '@every 1s', '0 0 29 2 *', '* * 28-31 2 *'])(
    'for the last of the missed times of %s does not go through them',
    (schedule) => {
      const counted = counting(zone('Europe/Berlin'));
      const last = lastTime(parseSchedule(schedule), { after: Date.parse('2016-01-01T00:00:00Z'), now: Date.parse('2026-01-02T03:04:05Z'), zone: counted });
      expect(last!.missed).toBeGreaterThan(2);
      // Thirty halves of ten years are a second.
      expect(counted.asked).toBeLessThan(32 * MOST);
      expect(nextTime(parseSchedule(schedule), last!.time, zone('Europe/Berlin'))).toBeGreaterThan(Date.parse('2026-01-02T03:04:05Z'));
    },
  );
});

describe('the last time that has passed', () => {
  const last = (schedule: string, after: string, now: string) => {
    const found = lastTime(parseSchedule(schedule), { after: Date.parse(after), now: Date.parse(now), zone: utc });
    return found && { time: text(found.time), missed: found.missed };
  };
  it.each([
    { schedule: '*/10 * * * *', now: '2026-01-01T00:09:59Z', want: undefined },
    { schedule: '*/10 * * * *', now: '2026-01-01T00:10:00Z', want: { time: '2026-01-01T00:10:00.000Z', missed: 1 } },
    { schedule: '*/10 * * * *', now: '2026-01-01T00:20:00Z', want: { time: '2026-01-01T00:20:00.000Z', missed: 2 } },
    { schedule: '* * * * *', now: '2026-01-02T03:04:05Z', want: { time: '2026-01-02T03:04:00.000Z', missed: 1624 } },
    { schedule: '@every 90s', now: '2026-01-01T00:10:00Z', want: { time: '2026-01-01T00:09:00.000Z', missed: 6 } },
    { schedule: '30 6-16/4 * * 1-5', now: '2026-01-05T06:00:00Z', want: { time: '2026-01-02T14:30:00.000Z', missed: 24 } },
    { schedule: '0 0 30 2 *', now: '2036-01-01T00:00:00Z', want: undefined },
  ])('of $schedule at $now', ({ schedule, now, want }) => expect(last(schedule, '2026-01-01T00:00:00Z', now)).toEqual(want));
});

it('there is a next time in the first years of the calendar, from which a status may say that it last ran', () => {
  expect(text(nextTime(parseSchedule('0 0 1 1 *'), Date.parse('0001-01-02T00:00:00Z')))).toBe('0002-01-01T00:00:00.000Z');
});
