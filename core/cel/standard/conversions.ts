import { doubleText, parseDouble } from '../double-text.ts';
import { durationText, parseDuration } from '../duration-text.ts';
import type { FunctionDeclaration, Implementation, Overload } from '../library.ts';
import { int64, uint64 } from '../overflow.ts';
import { timestampAt } from '../timestamp-range.ts';
import { parseTimestamp, timestampText } from '../timestamp-text.ts';
import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, parameter, STRING, TIMESTAMP, type Type, typeOfType, UINT } from '../type.ts';
import { Duration, Failure, type Result, type Timestamp, typeOf, Uint, type Value } from '../value.ts';

/** From one type to another (cel-spec, "Abstract types and conversions"). With a literal it is done once, before any evaluation. */
export const conversions: readonly FunctionDeclaration[] = [
  conversion('bool', BOOL, { bool_to_bool: [BOOL], string_to_bool: [STRING, parsed(STRING, BOOL, parseBool)] }),
  conversion('bytes', BYTES, { bytes_to_bytes: [BYTES], string_to_bytes: [STRING, (text: string) => new TextEncoder().encode(text)] }),
  conversion('double', DOUBLE, {
    double_to_double: [DOUBLE],
    int64_to_double: [INT, Number],
    string_to_double: [STRING, parsed(STRING, DOUBLE, parseDouble)],
    uint64_to_double: [UINT, ({ value }: Uint) => Number(value)],
  }),
  conversion('duration', DURATION, {
    duration_to_duration: [DURATION],
    int64_to_duration: [INT, () => notConvertible(INT, DURATION)],
    string_to_duration: [STRING, parsed(STRING, DURATION, durationOf)],
  }),
  { name: 'dyn', overloads: [{ id: 'to_dyn', parameters: [parameter('A')], result: DYN }], call: (value: Value) => value },
  conversion('int', INT, {
    int64_to_int64: [INT],
    double_to_int64: [DOUBLE, intOfDouble],
    duration_to_int64: [DURATION, ({ nanos }: Duration) => nanos],
    string_to_int64: [STRING, parsed(STRING, INT, parseInt64)],
    timestamp_to_int64: [TIMESTAMP, ({ seconds }: Timestamp) => BigInt(seconds)],
    uint64_to_int64: [UINT, ({ value }: Uint) => int64(value)],
  }),
  conversion('string', STRING, {
    string_to_string: [STRING],
    bool_to_string: [BOOL, String],
    bytes_to_string: [BYTES, textOfBytes],
    double_to_string: [DOUBLE, doubleText],
    duration_to_string: [DURATION, ({ nanos }: Duration) => durationText(nanos)],
    int64_to_string: [INT, String],
    timestamp_to_string: [TIMESTAMP, timestampText],
    uint64_to_string: [UINT, ({ value }: Uint) => String(value)],
  }),
  conversion('timestamp', TIMESTAMP, {
    timestamp_to_timestamp: [TIMESTAMP],
    int64_to_timestamp: [INT, (seconds: bigint) => timestampAt(Number(seconds), 0)],
    string_to_timestamp: [STRING, parsed(STRING, TIMESTAMP, parseTimestamp)],
  }),
  conversion('uint', UINT, {
    uint64_to_uint64: [UINT],
    double_to_uint64: [DOUBLE, uintOfDouble],
    int64_to_uint64: [INT, uint64],
    string_to_uint64: [STRING, parsed(STRING, UINT, parseUint64)],
  }),
  { name: 'type', overloads: [{ id: 'type', parameters: [parameter('A')], result: typeOfType(parameter('A')) }], call: (value: Value) => typeOf(value) },
];

/** What is evaluated at once when its argument is a literal (overloads.IsTypeConversionFunction of cel-go). */
export const CONVERSIONS: ReadonlySet<string> = new Set(conversions.map(({ name }) => name));

function conversion(name: string, result: Type, from: Readonly<Record<string, [type: Type, convert?: Implementation]>>): FunctionDeclaration {
  const overloads = Object.entries(from).map(
    ([id, [type, convert]]): Overload => ({ id, parameters: [type], result, call: convert ?? ((value: Value) => value) }),
  );
  return { name, overloads };
}

const notConvertible = (from: Type, to: Type) => new Failure(`type conversion error from '${from.name}' to '${to.name}'`);

function parsed(from: Type, to: Type, parse: (text: string) => Result | undefined): (text: string) => Result {
  return (text) => parse(text) ?? notConvertible(from, to);
}

function parseBool(text: string): boolean | undefined {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(?:0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}

function durationOf(text: string): Duration | undefined {
  const nanos = parseDuration(text);
  return nanos === undefined ? undefined : new Duration(nanos);
}

/** Nineteen digits at most, whatever zeros stand before them: nothing longer is a number of 64 bits, and none is looked at. */
const DIGITS = /^0*\d{1,20}$/;

function parseInt64(text: string): bigint | undefined {
  const digits = text.replace(/^[+-]/, '');
  if (!DIGITS.test(digits)) return undefined;
  const value = int64(text.startsWith('-') ? -BigInt(digits) : BigInt(digits));
  return value instanceof Failure ? undefined : value;
}

function parseUint64(text: string): Uint | undefined {
  const value = DIGITS.test(text) ? uint64(BigInt(text)) : undefined;
  return value instanceof Failure ? undefined : value;
}

function intOfDouble(x: number): bigint | Failure {
  return x > -(2 ** 63) && x < 2 ** 63 ? BigInt(Math.trunc(x)) : new Failure('integer overflow');
}

function uintOfDouble(x: number): Uint | Failure {
  return x >= 0 && x < 2 ** 64 ? new Uint(BigInt(Math.trunc(x))) : new Failure('unsigned integer overflow');
}

function textOfBytes(bytes: Uint8Array): string | Failure {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new Failure('invalid UTF-8 in bytes, cannot convert to string');
  }
}
