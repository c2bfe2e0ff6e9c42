import { cut, jsonText } from '../bounded-text.ts';
import { GoValue } from '../go-value.ts';
import { same } from '../object.ts';
import type { FieldError } from '../status.ts';
import { inRange } from './names.ts';

/**
 * What can be wrong with a field, in the words of apimachinery (`k8s.io/apimachinery/pkg/util/validation/field`, errors.go).
 * Paths are written as Kubernetes prints them: `spec.containers[0].name`, `data[key]`.
 */

const withDetail = (text: string, detail: string | undefined) => (detail ? `${text}: ${detail}` : text);

/**
 * An error that quotes a value. It keeps the value and becomes text when it is read: of thousands only the first are answered (status.ts, `invalid`), and each of
 * them may quote the same large list.
 */
class ValueError implements FieldError {
  readonly reason: FieldError['reason'];
  readonly field: string;
  readonly #words: string;
  readonly #value: unknown;
  readonly #detail: string | (() => string) | undefined;

  constructor(reason: FieldError['reason'], field: string, words: string, value: unknown, detail?: string | (() => string)) {
    this.reason = reason;
    this.field = field;
    this.#words = words;
    this.#value = value;
    this.#detail = detail;
  }

  get message(): string {
    const detail = typeof this.#detail === 'function' ? this.#detail() : this.#detail;
    return withDetail(`${this.#words}: ${printed(this.#value)}`, detail);
  }
}

/** A needed value is missing or empty: `Required value: name or generateName is required`. */
export const required = (field: string, detail?: string): FieldError => ({
  reason: 'FieldValueRequired',
  field,
  message: withDetail('Required value', detail),
});

/** A malformed value: `Invalid value: "x": must be …`. */
export const invalidValue = (field: string, value: unknown, detail: string): FieldError =>
  new ValueError('FieldValueInvalid', field, 'Invalid value', value, detail);

/** A value of another type than it must be, which the message says: `Invalid value: "string": spec.a in body must be of type integer: "string"`. */
export const typeInvalid = (field: string, value: unknown, detail: string): FieldError =>
  new ValueError('FieldValueTypeInvalid', field, 'Invalid value', value, detail);

/** One error for each message that a check of `names.ts` answers. */
export const invalidValues = (field: string, value: unknown, details: readonly string[]): FieldError[] =>
  details.map((detail) => invalidValue(field, value, detail));

/** A value outside an enumeration: `Unsupported value: "x": supported values: "A", "B"`. */
export const notSupported = (field: string, value: unknown, valid: readonly string[]): FieldError =>
  new ValueError('FieldValueNotSupported', field, 'Unsupported value', value, () =>
    valid.length ? `supported values: ${valid.map((one) => quoted(one)).join(', ')}` : '',
  );

/** A second use of what must be unique: `Duplicate value: "x"`. */
export const duplicate = (field: string, value: unknown): FieldError => new ValueError('FieldValueDuplicate', field, 'Duplicate value', value);

/** A reference to what is not there: `Not found: "x"`. */
export const notFoundValue = (field: string, value: unknown, detail?: string): FieldError =>
  new ValueError('FieldValueNotFound', field, 'Not found', value, detail);

/** A well-formed value that may not be set here: `Forbidden: may not be …`. */
export const forbiddenField = (field: string, detail: string): FieldError => ({
  reason: 'FieldValueForbidden',
  field,
  message: withDetail('Forbidden', detail),
});

/** What the server could not find out about a value: `Internal error: …`. */
export const internalError = (field: string, detail: string): FieldError => ({ reason: 'InternalError', field, message: `Internal error: ${detail}` });

/** `Too long: may not be more than 63 bytes`. */
export const tooLong = (field: string, maxLength: number): FieldError => ({
  reason: 'FieldValueTooLong',
  field,
  message: `Too long: ${maxLength >= 0 ? `may not be more than ${maxLength} ${maxLength === 1 ? 'byte' : 'bytes'}` : 'value is too long'}`,
});

/** `Too many: 5: must have at most 3 items`. */
export const tooMany = (field: string, actual: number, max: number): FieldError => ({
  reason: 'FieldValueTooMany',
  field,
  message: `Too many: ${actual}: must have at most ${max} ${max === 1 ? 'item' : 'items'}`,
});

/** A set field that must not change; nothing when it did not. With a `goValue` it is told from what means the same, and printed, as Go does. */
export const immutable = (field: string, value: unknown, previous: unknown, detail = 'field is immutable'): FieldError[] =>
  (value instanceof GoValue ? value.equals(previous) : same(value ?? null, previous ?? null)) ? [] : [invalidValue(field, value, detail)];

/** A number that must be 0 or more, as ValidateNonnegativeField says it; nothing when it is not set. */
export const nonNegative = (field: string, value: number | undefined): FieldError[] =>
  value !== undefined && value < 0 ? [invalidValue(field, value, 'must be greater than or equal to 0')] : [];

/** A number that must be 1 or more; nothing when it is not set. */
export const positive = (field: string, value: number | undefined): FieldError[] =>
  value !== undefined && value <= 0 ? [invalidValue(field, value, 'must be greater than 0')] : [];

/** A number that must be in a range; nothing when it is not set. */
export const inRangeErrors = (field: string, value: number | undefined, low: number, high: number): FieldError[] =>
  value === undefined ? [] : invalidValues(field, value, inRange(value, low, high));

/** A value that must be one of `valid`; empty or unset counts as missing. */
export function oneOf(field: string, value: string | undefined, valid: readonly string[], detail?: string): FieldError[] {
  if (!value) return [required(field, detail)];
  return valid.includes(value) ? [] : [notSupported(field, value, valid)];
}

/** A value as Go prints it in these messages: strings quoted, numbers and booleans bare, nothing as null, the rest as JSON that could stand in HTML. */
function printed(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return quoted(value);
  if (value instanceof GoValue) return value.text;
  if (typeof value !== 'object') return String(value);
  return jsonText(value).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const CONTROL: Record<string, string> = { '\\u0007': '\\a', '\\u000b': '\\v' };

/** `strconv.Quote`, of the beginning of a text that is long. */
export const quoted = (text: string): string =>
  JSON.stringify(cut(text))
    .replace(/\\u00[0-9a-f]{2}/g, (code) => CONTROL[code] ?? `\\x${code.slice(4)}`)
    .replace(/\x7f/g, '\\x7f')
    .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, unprintable);

/** Go prints letters, marks, numbers, punctuation, symbols and blanks as they are (`strconv.IsPrint`). */
function unprintable(character: string): string {
  const code = character.codePointAt(0)!.toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
}
