import type { FieldsSchedule, Schedule } from '../../resources/batch/schedule.ts';

/**
 * The first time after `after` at which a schedule runs, both in ms since the epoch, by the clock of `timeZone` (default UTC). As in
 * robfig/cron, a time that the clock jumps over does not come that day. Undefined when there is none within five years (February 30).
 */
export function nextTime(schedule: Schedule, after: number, timeZone = 'UTC'): number | undefined {
  if (schedule.type === 'interval') return Math.floor(after / 1000) * 1000 + schedule.every;
  const wallClock = timeZone === 'UTC' || timeZone === 'Etc/UTC' ? utcClock : zoneClock(timeZone);
  const end = after + 5 * 366 * 24 * HOUR;
  for (let time = (Math.floor(after / MINUTE) + 1) * MINUTE; time < end; ) {
    const { month, day, weekday, hour, minute } = wallClock(time);
    // Never over midnight in one step: the night may be an hour shorter or longer.
    if (!schedule.months.has(month) || !runsOn(schedule, day, weekday)) time += Math.max(1, 22 - hour) * HOUR - minute * MINUTE;
    else if (!schedule.hours.has(hour)) time += HOUR - minute * MINUTE;
    else if (!schedule.minutes.has(minute)) time += MINUTE;
    else return time;
  }
  return undefined;
}

/**
 * The last time, after `after` and not after `now`, at which a schedule should have run, and how many there were (counted no further than
 * `limit`); undefined when there was none.
 */
export function lastTime(schedule: Schedule, { after, now, timeZone, limit }: { after: number; now: number; timeZone?: string; limit: number }) {
  let count = 0;
  let time: number | undefined;
  let next = nextTime(schedule, after, timeZone);
  while (next !== undefined && next <= now) {
    count++;
    time = next;
    // Too many to go through one by one: on from a time before the last one, which twice the usual distance is.
    if (count === limit) next = Math.max(next, now - 2 * (nextTime(schedule, next, timeZone)! - next));
    next = nextTime(schedule, next, timeZone);
  }
  return time === undefined ? undefined : { time, count: Math.min(count, limit) };
}

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** When both fields restrict the day, one of them is enough (crontab(5)). */
function runsOn({ daysOfMonth, daysOfWeek, anyDayOfMonth, anyDayOfWeek }: FieldsSchedule, day: number, weekday: number): boolean {
  const [byMonth, byWeek] = [daysOfMonth.has(day), daysOfWeek.has(weekday)];
  return anyDayOfMonth || anyDayOfWeek ? byMonth && byWeek : byMonth || byWeek;
}

interface WallTime {
  month: number;
  day: number;
  weekday: number;
  hour: number;
  minute: number;
}

function utcClock(time: number): WallTime {
  const date = new Date(time);
  return { month: date.getUTCMonth() + 1, day: date.getUTCDate(), weekday: date.getUTCDay(), hour: date.getUTCHours(), minute: date.getUTCMinutes() };
}

/** What the clocks of a time zone show. Throws RangeError for a zone that is not known. */
function zoneClock(timeZone: string): (time: number) => WallTime {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return (time) => {
    const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
    const { year, month, day, hour, minute } = parts as { year: number; month: number; day: number; hour: number; minute: number };
    return { month, day, weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay(), hour, minute };
  };
}

/** Whether a time zone has a name that is known. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
