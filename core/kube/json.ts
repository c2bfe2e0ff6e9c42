import { hasLongDigits, numberOfInteger } from './int64.ts';
import { deeperThan, MAX_DEPTH } from './json-bounds.ts';
import { scan } from './json-scan.ts';

/**
 * The value of a JSON text. Throws a SyntaxError in the words of Go's encoding/json, which clients and their tests know:
 * `invalid character 'x' looking for beginning of value`.
 * @param duplicate is told the path of every field that stands twice in its object (the last one counts): `spec.replicas`.
 */
export function parseJson(text: string, duplicate?: (path: string) => void): unknown {
  let value: unknown;
  try {
    value = hasLongDigits(text) ? JSON.parse(text, withInt64) : JSON.parse(text);
  } catch (error) {
    // The scan is slow and JSON.parse is not, so only what JSON.parse refused is scanned for the reason.
    const reason = scan(text, {});
    throw new SyntaxError(reason ?? (error as Error).message);
  }
  if (deeperThan(value, MAX_DEPTH)) throw new SyntaxError('exceeded max depth');
  // The scan is slow: first it is counted whether there are as many keys in the text as there are in the value.
  if (duplicate && countOf(text, '":') !== keysIn(value)) scan(text, { duplicate });
  return LONE_SURROGATE.test(text) ? wellFormed(value) : value;
}

/** A reviver that tells integers that are no int64 from those that are rounded to the same number. */
function withInt64(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === 'number' && source !== undefined && INTEGER.test(source) ? numberOfInteger(source) : value;
}

const INTEGER = /^-?\d+$/;

/** What may be half a character: a surrogate, which valid UTF-8 has as an escape only. */
const LONE_SURROGATE = /\\u[dD][89a-fA-F]/;

/** Go has U+FFFD in the place of half a character (encoding/json, unquote). */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name.toWellFormed(), wellFormed(field)]));
}

function countOf(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) count++;
  return count;
}

function keysIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) for (const item of value) count += keysIn(item);
  else for (const key of Object.keys(value)) count += 1 + keysIn((value as Record<string, unknown>)[key]);
  return count;
}
