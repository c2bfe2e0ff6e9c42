/** A time zone of the IANA database, as far as schedules need one. */
export interface TimeZone {
  /** How far its clocks are ahead of UTC at an instant; both in ms. */
  offsetAt(time: number): number;
}

export const utc: TimeZone = { offsetAt: () => 0 };

/** RFC 3339 by the clocks of a zone, with whole seconds: `2026-01-02T04:10:00+01:00`, and `Z` where these show UTC. */
export function localTimestamp(time: number, zone: TimeZone): string {
  const offset = zone.offsetAt(time);
  const local = new Date(time + offset).toISOString().slice(0, 19);
  if (offset === 0) return `${local}Z`;
  // Go leaves out the seconds of an offset, as that of a local mean time.
  const minutes = Math.floor(Math.abs(offset) / 60_000);
  const two = (part: number) => String(Math.floor(part)).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** The time zone of a name; undefined when there is none. */
export function timeZoneOf(name: string): TimeZone | undefined {
  if (name === 'UTC' || name === 'Etc/UTC') return utc;
  let zone = known.get(name);
  if (!zone) {
    // An offset (`+02:00`) is a time zone for Intl, and for Go's LoadLocation it is not.
    const format = /^[+-]/.test(name) ? undefined : formatOf(name);
    if (!format) return undefined;
    zone = new ZoneOfIntl(format);
    if (known.size >= MAX_ZONES) known.delete(known.keys().next().value!);
  } else {
    known.delete(name);
  }
  // The last one is the one used last.
  known.set(name, zone);
  return zone;
}

// Names are told apart by case here and not by Intl: there are more of them than zones.
const MAX_ZONES = 256;
const known = new Map<string, TimeZone>();

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * Offsets by Intl, which takes microseconds to format one instant. It is asked at the ends of stretches of days and, where they differ, for the instant of
 * the change in between; what it said is kept. No zone has changed its clocks twice within such a stretch since 1970.
 */
class ZoneOfIntl implements TimeZone {
  readonly #format: Intl.DateTimeFormat;
  readonly #stretches = new Map<number, Stretch>();

  constructor(format: Intl.DateTimeFormat) {
    this.#format = format;
  }

  offsetAt(time: number): number {
    const number = Math.floor(time / STRETCH);
    let stretch = this.#stretches.get(number);
    if (!stretch) {
      stretch = this.#measure(number * STRETCH);
      if (this.#stretches.size >= MAX_STRETCHES) this.#stretches.clear();
      this.#stretches.set(number, stretch);
    }
    return time < stretch.change ? stretch.before : stretch.after;
  }

  #measure(start: number): Stretch {
    const [before, after] = [this.#ask(start), this.#ask(start + STRETCH)];
    if (before === after) return { change: start + STRETCH, before, after };
    let [low, high] = [start / SECOND, (start + STRETCH) / SECOND];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#ask(middle * SECOND) === before) low = middle;
      else high = middle;
    }
    return { change: high * SECOND, before, after };
  }

  #ask(time: number): number {
    const [month, day, year, hour, minute, second] = this.#format.format(time).match(/\d+/g)!.map(Number) as [number, number, number, number, number, number];
    return Date.UTC(year, month - 1, day, hour, minute, second) - time;
  }
}

/** `before` holds up to the instant `change`, `after` from it on. */
interface Stretch {
  readonly change: number;
  readonly before: number;
  readonly after: number;
}

const SECOND = 1000;
const STRETCH = 16 * 24 * 3600 * SECOND;
/** Forty years of one zone. */
const MAX_STRETCHES = 1000;
