import { whyNot } from '../../kube/time.ts';
import { daysIn, parseTimestamp, secondsOf } from '../timestamp-text.ts';
import { Duration, Failure, type Result, Timestamp } from '../value.ts';
import { parseDurationFormat } from './duration-format.ts';

/** The formats of strings that are types of their own to expressions (k8s.io/kube-openapi/pkg/validation/strfmt). */
export const formats: Readonly<Record<string, (text: string) => Result>> = {
  duration: (text) => {
    const nanos = parseDurationFormat(text);
    return nanos === undefined ? new Failure(`Invalid duration ${text}: unable to parse ${text} as duration`) : new Duration(nanos);
  },
  date: (text) => dateOf(text) ?? new Failure(`Invalid date formatted string ${text}: ${whyNot(text, 'date')}`),
  'date-time': (text) => dateTimeOf(text) ?? new Failure(`Invalid date-time formatted string ${text}: ${whyNot(text, 'local')}`),
  byte: (text) =>
    bytesOf(text) ?? new Failure(`Invalid byte formatted string ${text}: illegal base64 data at input byte ${Math.max(0, text.search(/[^A-Za-z0-9_-]/))}`),
};

function dateOf(text: string): Timestamp | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!match) return undefined;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) ? new Timestamp(secondsOf(year, month, day), 0) : undefined;
}

/** Without a zone it is one of UTC; an empty one is the epoch. */
function dateTimeOf(text: string): Result | undefined {
  if (text === '') return new Timestamp(0, 0);
  return parseTimestamp(text) ?? parseTimestamp(`${text}Z`);
}

/** With the characters that are safe in URLs; line breaks do not count. */
function bytesOf(text: string): Uint8Array | undefined {
  const plain = text.replace(/[\r\n]/g, '');
  if (plain.length % 4 !== 0 || !/^[A-Za-z0-9_-]*={0,2}$/.test(plain)) return undefined;
  return Uint8Array.from(atob(plain.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
}
