/**
 * Go's int64 as JavaScript has numbers. Integers up to 2^53 are exact, and so are both ends, of which the upper one is what people write for "without end"
 * (`terminationGracePeriodSeconds: 9223372036854775807`): it is held as 2^63, which is no int64. What is between is rounded to the nearest number that there is.
 * What is beyond is refused, also where it would be rounded to an end: it is held as the number after that.
 */

const END = 2 ** 63;
/** The distance of numbers beyond 2^63. */
const STEP = 2 ** 11;
const [LEAST, MOST] = [-(2n ** 63n), 2n ** 63n - 1n] as const;

export const isInt64 = (value: number): boolean => Number.isInteger(value) && Math.abs(value) <= END;

/** What an int64 that is held as a number is. */
export const int64Of = (value: number): bigint => (value >= END ? MOST : BigInt(value));

/** The number as which an integer is held, in digits or as it was read: also one that is no int64. */
export function numberOfInteger(integer: string | bigint): number {
  const exact = BigInt(integer);
  const value = Number(exact);
  if (value === END && exact > MOST) return END + STEP;
  return value === -END && exact < LEAST ? -END - STEP : value;
}

/** A number in digits, as an error shows it: of those that are taken for one that is no int64, the first. */
export function digitsOf(value: number): string {
  if (Math.abs(value) !== END + STEP) return String(value);
  return String(value > 0 ? MOST + 1n : LEAST - 1n);
}

/** Whether a text may have an integer in it that is about as large as an int64 can be: all others are read as ever. */
export const hasLongDigits = (text: string): boolean => LONG.test(text);
const LONG = /\d{19}/;

/** The JSON text of a value that has the ends of int64 as they are: JSON.stringify rounds them further, to what is no int64. */
export function int64Json(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent);
  return text.includes(ROUNDED) ? text.replace(STRING_OR_END, (found) => (found[0] === '"' ? found : String(found[0] === '-' ? LEAST : MOST))) : text;
}

const ROUNDED = '9223372036854776000';
const STRING_OR_END = /"(?:[^"\\]|\\.)*"|-?\b9223372036854776000\b/g;
