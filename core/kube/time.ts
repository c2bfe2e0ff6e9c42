/** A text that is not a time; the message is the one of Go's time.Parse. */
export class TimeError extends Error {
  override readonly name = 'TimeError';
}

/**
 * A time as Kubernetes keeps it: RFC 3339 in UTC, with whole seconds (metav1.Time) or microseconds (metav1.MicroTime, which must be given with
 * just these six digits). Throws `TimeError`.
 */
export function canonicalTime(text: string, precision: 'seconds' | 'microseconds'): string {
  const match = (precision === 'seconds' ? SECONDS : MICROSECONDS).exec(text);
  if (!match) throw new TimeError(whyNot(text, precision));
  const [, year, month, day, hour, minute, second, fraction = '', zone] = match;
  const range = outOfRange([year!, month!, day!, hour!, minute!, second!].map(Number), zone!);
  if (range) throw new TimeError(`parsing time ${quote(text)}: ${range} out of range`);
  if (zone === 'Z' && (precision === 'microseconds' || fraction === '')) return text;
  const utc = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`).getTime() - offsetMinutes(zone!) * 60_000;
  return `${new Date(utc).toISOString().slice(0, 19)}${precision === 'microseconds' ? fraction.replace(',', '.') : ''}Z`;
}

/** The layouts as Go writes them, for its messages. */
const layouts = { seconds: '2006-01-02T15:04:05Z07:00', microseconds: '2006-01-02T15:04:05.000000Z07:00' };

const SECONDS = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)([.,]\d+)?(Z|[+-]\d\d:\d\d)$/;
const MICROSECONDS = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)([.,]\d{6})(Z|[+-]\d\d:\d\d)$/;

function outOfRange([year, month, day, hour, minute, second]: number[], zone: string): string | undefined {
  if (month! < 1 || month! > 12) return 'month';
  if (hour! > 23) return 'hour';
  if (minute! > 59) return 'minute';
  if (second! > 59) return 'second';
  if (zone !== 'Z' && Number(zone.slice(1, 3)) > 24) return 'time zone offset hour';
  if (zone !== 'Z' && Number(zone.slice(4)) > 60) return 'time zone offset minute';
  if (day! < 1 || day! > daysIn(year!, month!)) return 'day';
  return undefined;
}

const daysIn = (year: number, month: number) => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();

const offsetMinutes = (zone: string) => (zone === 'Z' ? 0 : (zone[0] === '-' ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4))));

const elements = {
  seconds: [/^\d{4}/, '-', /^\d\d/, '-', /^\d\d/, 'T', /^\d\d/, ':', /^\d\d/, ':', /^\d\d(?:[.,]\d+)?/, /^(?:Z|[+-]\d\d:\d\d)/],
  microseconds: [/^\d{4}/, '-', /^\d\d/, '-', /^\d\d/, 'T', /^\d\d/, ':', /^\d\d/, ':', /^\d\d/, /^[.,]\d{6}/, /^(?:Z|[+-]\d\d:\d\d)/],
};
const names = {
  seconds: ['2006', '-', '01', '-', '02', 'T', '15', ':', '04', ':', '05', 'Z07:00'],
  microseconds: ['2006', '-', '01', '-', '02', 'T', '15', ':', '04', ':', '05', '.000000', 'Z07:00'],
};

/** Of the elements that are two digits: what is wrong with a number there. The day is looked at last of all. */
const RANGES: Readonly<Record<number, (value: number) => string | undefined>> = {
  2: (month) => (month < 1 || month > 12 ? 'month' : undefined),
  6: (hour) => (hour > 23 ? 'hour' : undefined),
  8: (minute) => (minute > 59 ? 'minute' : undefined),
  10: (second) => (second > 59 ? 'second' : undefined),
};

/** The first element of the layout that the text does not have, as Go's time.Parse reports it. */
function whyNot(text: string, precision: 'seconds' | 'microseconds'): string {
  let rest = text;
  for (const [i, element] of elements[precision].entries()) {
    const length = typeof element === 'string' ? (rest.startsWith(element) ? element.length : undefined) : element.exec(rest)?.[0].length;
    if (length === undefined) return `parsing time ${quote(text)} as "${layouts[precision]}": cannot parse ${quote(rest)} as "${names[precision][i]}"`;
    // A number out of its range ends it as well, as soon as it is read.
    const range = RANGES[i]?.(Number(rest.slice(0, 2)));
    if (range) return `parsing time ${quote(text)}: ${range} out of range`;
    rest = rest.slice(length);
  }
  return `parsing time ${quote(text)}: extra text: ${quote(rest)}`;
}

/** Go's own quoting inside time.Parse: quotes and backslashes, and bytes that are not plain. */
function quote(text: string): string {
  let out = '';
  for (const c of text) {
    if (c === '"' || c === '\\') out += `\\${c}`;
    else if (c >= ' ' && c < '\x7f') out += c;
    else for (const byte of new TextEncoder().encode(c)) out += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `"${out}"`;
}
