import type { FieldsSchedule, Schedule } from '../../apis/batch/schedule.ts';
import { type TimeZone, utc } from '../../apis/batch/time-zone.ts';

/**
 * The first time after `after` at which a schedule runs, both in ms since the epoch, by the clocks of a time zone. Undefined when there is none within five
 * years (February 30).
 *
 * It is the `Next` of github.com/robfig/cron v3, which is what Kubernetes means by a schedule, in all that it does where clocks are changed: a time that they
 * jump over does not come that day, one that they go through twice comes twice when every hour does and once when midnight is what comes twice, and a day
 * whose midnight does not exist may be passed over. testdata/cron-times.jsonl has what the original answers.
 */
export function nextTime(schedule: Schedule, after: number, zone: TimeZone = utc): number | undefined {
  const second = Math.floor(after / SECOND) * SECOND;
  if (schedule.type === 'interval') return second + schedule.every;
  // `,` is a field that no time fits.
  if ([schedule.minutes, schedule.hours, schedule.daysOfMonth, schedule.months, schedule.daysOfWeek].some(({ size }) => size === 0)) return undefined;
  return new Search(schedule, zone, second + SECOND).run();
}

/**
 * The last time, after `after` and not after `now`, at which a schedule should have run, and how many times there were by the distance of the first two, as
 * Kubernetes estimates it (mostRecentScheduleTime in pkg/controller/cronjob/utils.go). Undefined when there was none.
 */
export function lastTime(
  schedule: Schedule,
  { after, now, zone }: { after: number; now: number; zone?: TimeZone },
): { readonly time: number; readonly missed: number } | undefined {
  const first = nextTime(schedule, after, zone);
  if (first === undefined || first > now) return undefined;
  const second = nextTime(schedule, first, zone);
  if (second === undefined || second > now) return { time: first, missed: 1 };
  const missed = Math.floor((now - first) / (second - first)) + 1;
  if (schedule.type === 'interval') return { time: first + (missed - 1) * schedule.every, missed };
  // However many there were: halve what is left between one that has passed and a time after which none has.
  let [time, end] = [second, now];
  while (end - time > SECOND) {
    const middle = time + Math.floor((end - time) / 2);
    const next = nextTime(schedule, middle, zone);
    if (next !== undefined && next <= now) time = next;
    else end = middle;
  }
  return { time, missed };
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * From month to month, in a month that fits from day to day, on a day that fits from hour to hour, and so on, to the first time of which every part fits.
 * What is larger is looked at again whenever it may have changed. That is at most some two thousand days of six years, without a formatted date.
 */
class Search {
  readonly #schedule: FieldsSchedule;
  readonly #zone: TimeZone;
  #time: number;
  /** What the clocks show, read by the UTC methods of Date. */
  #clock: Date;
  /** Whether the parts smaller than the one that is looked for are at their beginning. */
  #begun = false;

  constructor(schedule: FieldsSchedule, zone: TimeZone, time: number) {
    this.#schedule = schedule;
    this.#zone = zone;
    this.#time = time;
    this.#clock = new Date(time + zone.offsetAt(time));
  }

  run(): number | undefined {
    const lastYear = this.#clock.getUTCFullYear() + 5;
    while (this.#clock.getUTCFullYear() <= lastYear) {
      if (this.#findMonth() && this.#findDay() && this.#findHour() && this.#findMinute() && this.#findSecond()) return this.#time;
    }
    return undefined;
  }

  // Each answers whether it found its part before a larger one changed.

  #findMonth(): boolean {
    while (!this.#schedule.months.has(this.#clock.getUTCMonth() + 1)) {
      this.#begin(() => this.#goToDate({ day: 1, hour: 0 }));
      this.#goToDate({ month: this.#clock.getUTCMonth() + 1 });
      if (this.#clock.getUTCMonth() === 0) return false;
    }
    return true;
  }

  #findDay(): boolean {
    while (!this.#runsToday()) {
      this.#begin(() => this.#goToDate({ hour: 0 }));
      const today = this.#time;
      this.#goToDate({ day: this.#clock.getUTCDate() + 1 });
      // The clocks jump over midnight: back to it, or on to the next one, by what they show.
      const hour = this.#clock.getUTCHours();
      if (hour !== 0) this.#goTo(this.#time + (hour > 12 ? 24 - hour : -hour) * HOUR);
      // Where a zone leaves out a whole day (Pacific/Apia in 2011) that leads back to the day before it, and the original goes round for ever.
      if (this.#time <= today) this.#goTo(today + 24 * HOUR);
      if (this.#clock.getUTCDate() === 1) return false;
    }
    return true;
  }

  #findHour(): boolean {
    while (!this.#schedule.hours.has(this.#clock.getUTCHours())) {
      this.#begin(() => this.#goToDate({}));
      this.#goTo(this.#time + HOUR);
      if (this.#clock.getUTCHours() === 0) return false;
    }
    return true;
  }

  #findMinute(): boolean {
    while (!this.#schedule.minutes.has(this.#clock.getUTCMinutes())) {
      this.#begin(() => this.#goTo(Math.floor(this.#time / MINUTE) * MINUTE));
      this.#goTo(this.#time + MINUTE);
      if (this.#clock.getUTCMinutes() === 0) return false;
    }
    return true;
  }

  #findSecond(): boolean {
    const seconds = this.#clock.getUTCSeconds();
    if (seconds === 0) return true;
    this.#begun = true;
    this.#goTo(this.#time + (60 - seconds) * SECOND);
    return false;
  }

  /** When both fields restrict the day, one of them is enough (crontab(5)). */
  #runsToday(): boolean {
    const { daysOfMonth, daysOfWeek, anyDayOfMonth, anyDayOfWeek } = this.#schedule;
    const [byMonth, byWeek] = [daysOfMonth.has(this.#clock.getUTCDate()), daysOfWeek.has(this.#clock.getUTCDay())];
    return anyDayOfMonth || anyDayOfWeek ? byMonth && byWeek : byMonth || byWeek;
  }

  #begin(reset: () => void): void {
    if (this.#begun) return;
    this.#begun = true;
    reset();
  }

  #goTo(time: number): void {
    this.#time = time;
    this.#clock = new Date(time + this.#zone.offsetAt(time));
  }

  /** To a date of the calendar, at the minute 0 of an hour when nothing smaller is kept: Go's time.Date, also in what it makes of a time that does not exist. */
  #goToDate(parts: { month?: number; day?: number; hour?: number }): void {
    const clock = this.#clock;
    const keeps = parts.hour === undefined && (parts.month !== undefined || parts.day !== undefined);
    // Date.UTC takes a year below 100 for one of the last century.
    const date = new Date(0);
    date.setUTCFullYear(clock.getUTCFullYear(), parts.month ?? clock.getUTCMonth(), parts.day ?? clock.getUTCDate());
    const local = date.setUTCHours(parts.hour ?? clock.getUTCHours(), keeps ? clock.getUTCMinutes() : 0, keeps ? clock.getUTCSeconds() : 0);
    const offset = this.#zone.offsetAt(local);
    this.#goTo(offset === 0 ? local : local - this.#zone.offsetAt(local - offset));
  }
}
