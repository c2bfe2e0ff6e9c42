import type { FunctionDeclaration, Overload } from '../library.ts';
import { zoneOffset } from '../time-zone.ts';
import { secondsOf } from '../timestamp-text.ts';
import { DURATION, INT, STRING, TIMESTAMP } from '../type.ts';
import { type Duration, Failure, type Result, type Timestamp } from '../value.ts';

/** A part of a moment, from its date in a zone and its nanoseconds. */
type Part = (date: Date, nanos: number) => number;

/** The parts of timestamps and of durations. Without a zone a timestamp's are those of UTC, whatever it was written with. */
export const times: readonly FunctionDeclaration[] = [
  part('getFullYear', 'timestamp_to_year', (date) => date.getUTCFullYear()),
  part('getMonth', 'timestamp_to_month', (date) => date.getUTCMonth()),
  part('getDayOfYear', 'timestamp_to_day_of_year', dayOfYear),
  part('getDayOfMonth', 'timestamp_to_day_of_month', (date) => date.getUTCDate() - 1),
  part('getDate', 'timestamp_to_day_of_month_1_based', (date) => date.getUTCDate()),
  part('getDayOfWeek', 'timestamp_to_day_of_week', (date) => date.getUTCDay()),
  part('getHours', 'timestamp_to_hours', (date) => date.getUTCHours(), inUnits('duration_to_hours', 3_600_000_000_000n)),
  part('getMinutes', 'timestamp_to_minutes', (date) => date.getUTCMinutes(), inUnits('duration_to_minutes', 60_000_000_000n)),
  part('getSeconds', 'timestamp_to_seconds', (date) => date.getUTCSeconds(), inUnits('duration_to_seconds', 1_000_000_000n)),
  part('getMilliseconds', 'timestamp_to_milliseconds', (_, nanos) => Math.trunc(nanos / 1e6), inUnits('duration_to_milliseconds', 1_000_000n)),
];

function part(name: string, id: string, of: Part, ...more: Overload[]): FunctionDeclaration {
  const inZone = (timestamp: Timestamp, zone: string): Result => {
    const offset = zoneOffset(zone, timestamp.seconds);
    return offset instanceof Failure ? offset : BigInt(of(new Date((timestamp.seconds + offset) * 1000), timestamp.nanos));
  };
  return {
    name,
    overloads: [
      { id, member: true, parameters: [TIMESTAMP], result: INT, call: (timestamp: Timestamp) => inZone(timestamp, 'UTC') },
      // cel-go calls this one differently.
      {
        id: id === 'timestamp_to_seconds' ? 'timestamp_to_seconds_tz' : `${id}_with_tz`,
        member: true,
        parameters: [TIMESTAMP, STRING],
        result: INT,
        call: inZone,
      },
      ...more,
    ],
  };
}

/** The whole length of a duration. */
function inUnits(id: string, unit: bigint): Overload {
  return { id, member: true, parameters: [DURATION], result: INT, call: ({ nanos }: Duration) => nanos / unit };
}

function dayOfYear(date: Date): number {
  const day = 86_400_000;
  return Math.floor((date.getTime() - secondsOf(date.getUTCFullYear(), 1, 1) * 1000) / day);
}
