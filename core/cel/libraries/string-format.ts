import { quoted } from '../../kube/validation/field.ts';
import { compareTexts } from '../comparison.ts';
import { doubleText } from '../double-text.ts';
import { durationText } from '../duration-text.ts';
import { timestampText } from '../timestamp-text.ts';
import { Type } from '../type.ts';
import { Duration, Failure, ListValue, MapValue, Timestamp, typeOf, Uint, type Value } from '../value.ts';
import { boundText } from './bounds.ts';
import { fixed, localizedFixed, localizedScientific } from './number-text.ts';

export type Verb = 's' | 'd' | 'f' | 'e' | 'b' | 'x' | 'X' | 'o';

/** `%.2f` */
export interface Clause {
  readonly verb: Verb;
  readonly precision: number;
}

const DEFAULT_PRECISION = 6;

/** `'%s is %d'.format([name, n])`, in the words of version 3 of cel-go's ext/formatting.go. */
export function formatText(text: string, args: ListValue): string | Failure {
  return interpolate(text, args.size, (clause, index) => {
    const arg = args.at(index);
    return arg instanceof Failure ? arg : write(clause, arg);
  });
}

/** The text with what is written for each clause in its place; the first thing that is wrong, from left to right, otherwise. */
export function interpolate(
  text: string,
  count: number,
  writeClause: (clause: Clause, index: number) => string | Failure,
  // The compiler looks for the end of the text before it looks for an argument.
  { endFirst = false } = {},
): string | Failure {
  let out = '';
  let index = 0;
  for (let at = 0; at < text.length; ) {
    const percent = text.indexOf('%', at);
    if (percent === -1) return out + text.slice(at);
    out += text.slice(at, percent);
    if (text[percent + 1] === '%') {
      out += '%';
      at = percent + 2;
      continue;
    }
    const atEnd = percent + 1 === text.length;
    if (index >= count && !(atEnd && endFirst)) return new Failure(`index ${index} out of range`);
    if (atEnd) return new Failure('unexpected end of string');
    const clause = clauseAt(text, percent + 1);
    if (clause instanceof Failure) return new Failure(`could not parse formatting clause: ${clause.message}`);
    const written = writeClause(clause, index++);
    if (written instanceof Failure) return new Failure(`error during formatting: ${written.message}`);
    out += written;
    boundText(out.length);
    at = clause.end;
  }
  return out;
}

/** What a verb says of a value that it does not take. */
export const refusals: Readonly<Record<Verb, string>> = {
  s: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  d: 'decimal clause can only be used on integers',
  f: 'fixed-point clause can only be used on doubles',
  e: 'scientific clause can only be used on doubles',
  b: 'only integers and bools can be formatted as binary',
  x: 'only integers, byte buffers, and strings can be formatted as hex',
  X: 'only integers, byte buffers, and strings can be formatted as hex',
  o: 'octal clause can only be used on integers',
};

export const refused = (verb: Verb, type: Type): Failure => new Failure(`${refusals[verb]}, was given ${type.name}`);

function clauseAt(text: string, start: number): (Clause & { readonly end: number }) | Failure {
  const [, digits] = /^\.([0-9]*)/.exec(text.slice(start)) ?? [];
  const at = digits === undefined ? start : start + 1 + digits.length;
  const precision = digits === undefined ? DEFAULT_PRECISION : precisionOf(digits, at === text.length);
  if (precision instanceof Failure) return new Failure(`error while parsing precision: ${precision.message}`);
  const verb = text[at]!;
  return Object.hasOwn(refusals, verb)
    ? { verb: verb as Verb, precision, end: at + 1 }
    : new Failure(`unrecognized formatting clause "${firstByte(text, at)}"`);
}

function precisionOf(digits: string, atEnd: boolean): number | Failure {
  if (atEnd) return new Failure('could not find end of precision specifier');
  const wrong = (reason: string) => new Failure(`error while converting precision to integer: strconv.Atoi: parsing ${quoted(digits)}: ${reason}`);
  if (digits === '') return wrong('invalid syntax');
  return digits.replace(/^0+/, '').length > 19 || BigInt(digits) >= 2n ** 63n ? wrong('value out of range') : Number(digits);
}

/** Go looks at the first byte of a character and takes it for one. */
const firstByte = (text: string, at: number): string => String.fromCharCode(new TextEncoder().encode(String.fromCodePoint(text.codePointAt(at)!))[0]!);

function write({ verb, precision }: Clause, value: Value): string | Failure {
  switch (verb) {
    case 's':
      return textOf(value);
    case 'd':
      return integerText(value, 10) ?? refused(verb, typeOf(value));
    case 'f':
    case 'e': {
      const x = doubleOf(value);
      return x === undefined ? refused(verb, typeOf(value)) : verb === 'f' ? localizedFixed(x, precision) : localizedScientific(x, precision);
    }
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : (integerText(value, 2) ?? refused(verb, typeOf(value)));
    case 'o':
      return integerText(value, 8) ?? refused(verb, typeOf(value));
    default: {
      const hex = hexText(value);
      return hex === undefined ? refused(verb, typeOf(value)) : verb === 'X' ? hex.toUpperCase() : hex;
    }
  }
}

function integerText(value: Value, base: number): string | undefined {
  if (typeof value === 'bigint') return value.toString(base);
  return value instanceof Uint ? value.value.toString(base) : undefined;
}

function doubleOf(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined;
}

function hexText(value: Value): string | undefined {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('hex') : integerText(value, 16);
}

/** `%s`: a value as `string()` has it; lists and maps as an expression would spell them. */
function textOf(value: Value): string | Failure {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return doubleText(value);
  if (typeof value === 'bigint' || typeof value === 'boolean' || value === null) return String(value);
  if (value instanceof ListValue) return listText(value);
  if (value instanceof MapValue) return mapText(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return bytesText(value);
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value.nanos);
  return value instanceof Type ? value.name : refused('s', typeOf(value));
}

function bytesText(bytes: Uint8Array): string | Failure {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new Failure('could not convert argument "invalid UTF-8 in bytes, cannot convert to string" to string');
  }
}

/** What stands within a list or map. */
function literalText(value: Value): string | Failure {
  if (typeof value === 'number') return Number.isFinite(value) ? fixed(value, DEFAULT_PRECISION) : quoted(fixed(value, DEFAULT_PRECISION));
  if (typeof value === 'string') return quoted(value);
  const text = textOf(value);
  if (text instanceof Failure) return isPlain(value) ? text : new Failure(`no formatting function for ${typeOf(value).name}`);
  if (value instanceof Uint8Array) return `b${quoted(text)}`;
  if (value instanceof Timestamp) return `timestamp(${quoted(text)})`;
  return value instanceof Duration ? `duration(${quoted(text)})` : text;
}

const isPlain = (value: Value): boolean => value instanceof ListValue || value instanceof MapValue || value instanceof Uint8Array;

function listText(list: ListValue): string | Failure {
  const texts: string[] = [];
  let length = 0;
  for (const element of list) {
    const text = element instanceof Failure ? element : literalText(element);
    if (text instanceof Failure) return text;
    length += text.length;
    boundText(length);
    texts.push(text);
  }
  return `[${texts.join(', ')}]`;
}

function mapText(map: MapValue): string | Failure {
  const entries: [key: string, value: string][] = [];
  let length = 0;
  for (const key of map.keys()) {
    const keyText = typeof key === 'bigint' || key instanceof Uint || typeof key === 'string' || typeof key === 'boolean' ? literalText(key) : undefined;
    if (keyText === undefined) return new Failure(`no formatting function for map key of type ${typeOf(key).name}`);
    const value = map.find(key)!;
    const text = value instanceof Failure ? value : literalText(value);
    if (keyText instanceof Failure || text instanceof Failure) return keyText instanceof Failure ? keyText : text;
    length += keyText.length + text.length;
    boundText(length);
    entries.push([keyText, text]);
  }
  entries.sort(([a], [b]) => compareTexts(a, b));
  return `{${entries.map(([key, value]) => `${key}:${value}`).join(', ')}}`;
}
