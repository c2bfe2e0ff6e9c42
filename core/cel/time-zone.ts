import { Failure } from './value.ts';

/** Seconds east of UTC of a zone at a moment: `America/New_York`, `UTC`, `+02:00`; a Failure in Go's words when there is no such zone. */
export function zoneOffset(zone: string, seconds: number): number | Failure {
  if (zone === '' || zone === 'UTC') return 0;
  const colon = zone.indexOf(':');
  if (colon !== -1) return fixedOffset(zone, colon);
  const format = formatOf(zone);
  return format ? offsetAt(format, seconds) : new Failure(`unknown time zone ${zone}`);
}

function fixedOffset(zone: string, colon: number): number | Failure {
  const hours = integer(zone.slice(0, colon));
  if (hours instanceof Failure) return hours;
  const minutes = integer(zone.slice(colon + 1));
  if (minutes instanceof Failure) return minutes;
  return (hours * 60 + (zone[0] === '-' ? -minutes : minutes)) * 60;
}

/** In the words of Go's strconv.Atoi. */
function integer(text: string): number | Failure {
  if (!/^[+-]?\d+$/.test(text)) return new Failure(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : new Failure(`strconv.Atoi: parsing ${JSON.stringify(text)}: value out of range`);
}

/** By zone; making one takes longer than using it. There are some 600 zones. */
const formats = new Map<string, Intl.DateTimeFormat>();
const MOST_FORMATS = 1_000;

/** As Go's zones are called: they are files, while JavaScript takes any case. Of older names for them there is no list. */
const zones = new Map(Intl.supportedValuesOf('timeZone').map((zone) => [zone.toLowerCase(), zone]));

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone);
  if (known) return known;
  if (!/^[A-Z][A-Za-z0-9+\-_/]{0,40}$/.test(zone) || (zones.get(zone.toLowerCase()) ?? zone) !== zone) return undefined;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      hourCycle: 'h23',
    });
    if (formats.size >= MOST_FORMATS) formats.clear();
    formats.set(zone, format);
    return format;
  } catch {
    return undefined;
  }
}

function offsetAt(format: Intl.DateTimeFormat, seconds: number): number {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of format.formatToParts(seconds * 1000)) parts[type] = value;
  const year = parts.era?.startsWith('B') ? 1 - Number(parts.year) : Number(parts.year);
  const local = new Date(0);
  local.setUTCFullYear(year, Number(parts.month) - 1, Number(parts.day));
  local.setUTCHours(Number(parts.hour), Number(parts.minute), Number(parts.second));
  return local.getTime() / 1000 - seconds;
}
