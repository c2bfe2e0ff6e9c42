import { parseGoDuration } from '../../kube/go-duration.ts';
import { quoted } from '../../kube/validation/field.ts';

/**
 * When a CronJob runs: a schedule in the syntax of Kubernetes, which is that of github.com/robfig/cron's ParseStandard. It is not
 * the one of other cron libraries: no seconds, no `L`, `W` or `#`, Sunday is 0 only, and `@every 1h30m` is allowed.
 */
export type Schedule = FieldsSchedule | IntervalSchedule;

/** Runs at each minute whose parts are all in these sets; a day must be in `daysOfMonth` or in `daysOfWeek` when both restrict it. */
export interface FieldsSchedule {
  readonly type: 'fields';
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly daysOfMonth: ReadonlySet<number>;
  /** 1 to 12. */
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly daysOfWeek: ReadonlySet<number>;
  /** Whether a field of days has a `*` or `?` without a step, and so restricts nothing when the other one does. */
  readonly anyDayOfMonth: boolean;
  readonly anyDayOfWeek: boolean;
}

/** Runs every so many milliseconds (whole seconds, at least one). */
interface IntervalSchedule {
  readonly type: 'interval';
  readonly every: number;
}

/** What is wrong with a schedule, in the words of Kubernetes. */
export class ScheduleError extends Error {}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: Readonly<Record<string, number>>;
}

const named = (first: number, ...names: string[]) => Object.fromEntries(names.map((name, i) => [name, first + i]));
const MINUTES: Bounds = { min: 0, max: 59 };
const HOURS: Bounds = { min: 0, max: 23 };
const DAYS_OF_MONTH: Bounds = { min: 1, max: 31 };
const MONTHS: Bounds = { min: 1, max: 12, names: named(1, 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec') };
const DAYS_OF_WEEK: Bounds = { min: 0, max: 6, names: named(0, 'sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat') };

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** Parses a schedule; a `TZ=` or `CRON_TZ=` prefix is left out (Kubernetes refuses it elsewhere). Throws ScheduleError. */
export function parseSchedule(text: string): Schedule {
  if (!text) throw new ScheduleError('empty spec string');
  const spec = text.replace(/^(CRON_)?TZ=\S*\s*/, '').trim();
  if (spec.startsWith('@every ')) return { type: 'interval', every: parseInterval(spec) };
  const described = Object.hasOwn(DESCRIPTORS, spec) ? DESCRIPTORS[spec] : undefined;
  if (spec.startsWith('@') && !described) throw new ScheduleError(`unrecognized descriptor: ${spec}`);
  const fields = (described ?? spec).split(/\s+/).filter(Boolean);
  if (fields.length !== 5) throw new ScheduleError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = fields as [string, string, string, string, string];
  return {
    type: 'fields',
    minutes: parseField(minutes, MINUTES),
    hours: parseField(hours, HOURS),
    daysOfMonth: parseField(daysOfMonth, DAYS_OF_MONTH),
    months: parseField(months, MONTHS),
    daysOfWeek: parseField(daysOfWeek, DAYS_OF_WEEK),
    anyDayOfMonth: isAny(daysOfMonth),
    anyDayOfWeek: isAny(daysOfWeek),
  };
}

/** A step takes the star away: on `0 0 *\/2 * 1` each second day and each Monday. */
const isAny = (field: string) =>
  field.split(',').some((part) => {
    const [range = '', step = '1'] = part.split('/');
    return ['*', '?'].includes(range.split('-')[0]!) && Number(step) <= 1;
  });

function parseField(text: string, bounds: Bounds): Set<number> {
  const values = new Set<number>();
  for (const part of text.split(',').filter(Boolean)) for (const value of parseRange(part, bounds)) values.add(value);
  return values;
}

/** `number | number-number | *`, each with an optional `/step`. */
function parseRange(text: string, bounds: Bounds): number[] {
  const [range = '', step, ...tooManySteps] = text.split('/');
  const [low = '', high, ...tooManyHyphens] = range.split('-');
  let start = bounds.min;
  let end = bounds.max;
  if (low !== '*' && low !== '?') {
    start = parseValue(low, bounds);
    if (tooManyHyphens.length) throw new ScheduleError(`too many hyphens: ${text}`);
    // `5/10` is from 5 on.
    if (high !== undefined) end = parseValue(high, bounds);
    else if (step === undefined) end = start;
  }
  if (tooManySteps.length) throw new ScheduleError(`too many slashes: ${text}`);
  const by = step === undefined ? 1 : parseNumber(step);
  if (start < bounds.min) throw new ScheduleError(`beginning of range (${start}) below minimum (${bounds.min}): ${text}`);
  if (end > bounds.max) throw new ScheduleError(`end of range (${end}) above maximum (${bounds.max}): ${text}`);
  if (start > end) throw new ScheduleError(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  if (by === 0) throw new ScheduleError(`step of range should be a positive number: ${text}`);
  return Array.from({ length: Math.floor((end - start) / by) + 1 }, (_, i) => start + i * by);
}

const parseValue = (text: string, { names }: Bounds): number => names?.[text.toLowerCase()] ?? parseNumber(text);

function parseNumber(text: string): number {
  if (/^-\d+$/.test(text)) throw new ScheduleError(`negative number (${Number(text)}) not allowed: ${text}`);
  if (!/^\+?\d+$/.test(text)) throw new ScheduleError(`failed to parse int from ${text}: strconv.Atoi: parsing ${quoted(text)}: invalid syntax`);
  if (Number(text) >= 2 ** 63) throw new ScheduleError(`failed to parse int from ${text}: strconv.Atoi: parsing ${quoted(text)}: value out of range`);
  return Number(text);
}

/** `@every 1h30m`, in milliseconds (time.ParseDuration). What is less than a second, or than nothing, is a second. */
function parseInterval(spec: string): number {
  const text = spec.slice('@every '.length);
  const ms = parseGoDuration(text);
  if (ms === undefined) throw new ScheduleError(`failed to parse duration ${spec}: time: invalid duration ${quoted(text)}`);
  return Math.max(1_000, Math.floor(ms / 1_000) * 1_000);
}
