import { timestampAt } from './timestamp-range.ts';
import type { Failure, Timestamp } from './value.ts';

/** A text of RFC 3339 as Go's time.Parse takes it: an hour of one digit, a comma before the fraction too. undefined: it is none. */
export function parseTimestamp(text: string): Timestamp | Failure | undefined {
  const match = RFC3339.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone] = match;
  if (!inRange([month!, day!, hour!, minute!, second!].map(Number), Number(year), zone!)) return undefined;
  const offset = zone === 'Z' ? 0 : (zone![0] === '-' ? -1 : 1) * (Number(zone!.slice(1, 3)) * 3600 + Number(zone!.slice(4)) * 60);
  const seconds = secondsOf(Number(year), Number(month), Number(day)) + Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  return timestampAt(seconds - offset, Number(fraction.slice(1, 10).padEnd(9, '0')), offset);
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)([.,]\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Of midnight of a day. */
export function secondsOf(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() / 1000;
}

function inRange([month, day, hour, minute, second]: number[], year: number, zone: string): boolean {
  if (month! < 1 || month! > 12 || day! < 1 || day! > daysIn(year, month!)) return false;
  if (hour! > 23 || minute! > 59 || second! > 59) return false;
  return zone === 'Z' || (Number(zone.slice(1, 3)) <= 24 && Number(zone.slice(4)) <= 60);
}

export const daysIn = (year: number, month: number): number => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();

/** As Go's RFC3339Nano: in the zone that it came with, without zeros at the end of the fraction. */
export function timestampText({ seconds, nanos, offset }: Timestamp): string {
  const local = new Date((seconds + offset) * 1000);
  const date = `${String(local.getUTCFullYear()).padStart(4, '0')}${local.toISOString().slice(-20, -5)}`;
  const fraction = nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
  return `${date}${fraction}${zoneText(offset)}`;
}

function zoneText(offset: number): string {
  if (offset === 0) return 'Z';
  const minutes = Math.trunc(Math.abs(offset) / 60);
  return `${offset < 0 ? '-' : '+'}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`;
}

const two = (n: number) => String(n).padStart(2, '0');
