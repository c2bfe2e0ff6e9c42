import { codePoints } from '../code-points.ts';
import type { CallCost, Library, Overload, Range } from '../library.ts';
import { plus, STRING_TRAVERSAL, scaled, times, UNBOUNDED, ZERO } from '../range.ts';
import { sizeOf } from '../size.ts';
import { DYN, INT, listOf, STRING, type Type } from '../type.ts';
import { Elements, Failure, type ListValue, type Result } from '../value.ts';
import { boundText } from './bounds.ts';
import { traversal } from './costs.ts';
import { WHOLE_TRAVERSAL } from './lists.ts';
import { formatText } from './string-format.ts';
import { formatProblem } from './string-format-check.ts';

const STRINGS = listOf(STRING);

const member = (id: string, parameters: readonly Type[], result: Type, call: Overload['call']): Overload => ({ id, member: true, parameters, result, call });

const REPLACING: CallCost = {
  actual: traversal({ times: 2 }).actual,
  estimate: ({ target, args: [old, replacement] }) =>
    target && { cost: scaled(target.size, 2 * STRING_TRAVERSAL), resultSize: replacedSize(target.size, old!.size, replacement!.size) },
};

const SPLITTING: CallCost = {
  actual: traversal({ times: 2 }).actual,
  estimate: ({ target, args: [, limit] }) =>
    target && {
      cost: scaled(target.size, 2 * STRING_TRAVERSAL),
      resultSize: { min: 0n, max: typeof limit?.literal === 'bigint' ? BigInt.asUintN(64, limit.literal) : target.size.max },
    },
};

const JOINING: CallCost = {
  actual: ({ result }) => Math.ceil(sizeOf(result) * 2 * STRING_TRAVERSAL),
  estimate: ({ target, args: [separator] }) => {
    if (!target) return undefined;
    const element = target.elements();
    const elements = element ? times(target.size, element.size) : ZERO;
    const size = separator ? plus(elements, times(separator.size, { min: less1(target.size.min), max: less1(target.size.max) })) : elements;
    return { cost: scaled(size, STRING_TRAVERSAL), resultSize: size };
  },
};

/** `text.split(',')`, `text.format(list)`: version 2 of cel-go's ext/strings.go. Indexes count code points. */
export const stringsLibrary: Library = {
  name: 'cel.lib.ext.strings',
  validate: formatProblem,
  takesMixed: ['format'],
  functions: [
    { name: 'charAt', overloads: [member('string_char_at_int', [STRING, INT], STRING, charAt)] },
    {
      name: 'indexOf',
      overloads: [
        member('string_index_of_string', [STRING, STRING], INT, (text: string, part: string) => indexOf(text, part, 0n)),
        member('string_index_of_string_int', [STRING, STRING, INT], INT, indexOf),
      ],
      cost: WHOLE_TRAVERSAL,
    },
    {
      name: 'lastIndexOf',
      overloads: [
        member('string_last_index_of_string', [STRING, STRING], INT, (text: string, part: string) => lastIndexOf(text, part)),
        member('string_last_index_of_string_int', [STRING, STRING, INT], INT, lastIndexOf),
      ],
      cost: WHOLE_TRAVERSAL,
    },
    {
      name: 'lowerAscii',
      overloads: [member('string_lower_ascii', [STRING], STRING, (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()))],
      cost: traversal({ keepsSize: true }),
    },
    {
      name: 'upperAscii',
      overloads: [member('string_upper_ascii', [STRING], STRING, (text: string) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()))],
      cost: traversal({ keepsSize: true }),
    },
    {
      name: 'replace',
      overloads: [
        member('string_replace_string_string', [STRING, STRING, STRING], STRING, replace),
        member('string_replace_string_string_int', [STRING, STRING, STRING, INT], STRING, replace),
      ],
      cost: REPLACING,
    },
    {
      name: 'split',
      overloads: [member('string_split_string', [STRING, STRING], STRINGS, split), member('string_split_string_int', [STRING, STRING, INT], STRINGS, split)],
      cost: SPLITTING,
    },
    {
      name: 'substring',
      overloads: [
        member('string_substring_int', [STRING, INT], STRING, substringFrom),
        member('string_substring_int_int', [STRING, INT, INT], STRING, substring),
      ],
      cost: traversal({ keepsSize: true }),
    },
    {
      name: 'trim',
      overloads: [member('string_trim', [STRING], STRING, (text: string) => text.replace(SPACE_AROUND, ''))],
      cost: traversal({ keepsSize: true }),
    },
    { name: 'format', overloads: [member('string_format', [STRING, listOf(DYN)], STRING, formatText)] },
    { name: 'strings.quote', overloads: [{ id: 'strings_quote', parameters: [STRING], result: STRING, call: quote }] },
    {
      name: 'join',
      overloads: [member('list_join', [STRINGS], STRING, join), member('list_join_string', [STRINGS, STRING], STRING, join)],
      cost: JOINING,
    },
  ],
};

const outOfRange = (index: bigint): Failure => new Failure(`index out of range: ${index}`);

/** Unicode's White_Space, which is not quite JavaScript's. */
const SPACE_AROUND = /^[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;

function charAt(text: string, index: bigint): string | Failure {
  const length = codePoints(text);
  if (index < 0n || index > BigInt(length)) return outOfRange(index);
  return text.slice(unitAt(text, Number(index)), unitAt(text, Math.min(Number(index) + 1, length)));
}

function indexOf(text: string, part: string, from: bigint): bigint | Failure {
  if (part === '') return from;
  if (from < 0n) return outOfRange(from);
  if (from >= BigInt(codePoints(text))) return -1n;
  return codePointAt(text, text.indexOf(part, unitAt(text, Number(from))));
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint | Failure {
  const length = codePoints(text);
  if (part === '') return from ?? BigInt(length);
  if (from !== undefined && from < 0n) return outOfRange(from);
  const last = length - codePoints(part);
  if (last < 0 || (from !== undefined && from >= BigInt(length))) return -1n;
  return codePointAt(text, text.lastIndexOf(part, unitAt(text, Math.min(last, Number(from ?? length)))));
}

/** Where a code point begins, in units of UTF-16. */
function unitAt(text: string, index: number): number {
  if (index >= text.length || codePoints(text) === text.length) return index;
  let unit = 0;
  for (let i = 0; i < index; i++) unit += text.codePointAt(unit)! > 0xffff ? 2 : 1;
  return unit;
}

const codePointAt = (text: string, unit: number): bigint => BigInt(unit === -1 ? -1 : codePoints(text.slice(0, unit)));

function replace(text: string, old: string, replacement: string, limit = -1n): string {
  if (old === replacement) return text;
  if (old === '') return interspersed([...text], replacement, limit);
  const parts = text.split(old);
  const most = limit < 0n ? parts.length - 1 : Math.min(Number(limit), parts.length - 1);
  boundText(text.length + most * replacement.length);
  return [...parts.slice(0, most), parts.slice(most).join(old)].join(replacement);
}

/** Before each character and at the end, so often at most. */
function interspersed(characters: readonly string[], text: string, limit: bigint): string {
  const most = limit < 0n ? characters.length + 1 : Math.min(Number(limit), characters.length + 1);
  boundText(characters.length + most * text.length);
  return characters.map((character, i) => (i < most ? text + character : character)).join('') + (most > characters.length ? text : '');
}

function split(text: string, separator: string, limit = -1n): Elements {
  if (limit === 0n) return new Elements([]);
  const parts = separator === '' ? [...text] : text.split(separator);
  if (limit < 0n || BigInt(parts.length) <= limit) return new Elements(parts);
  const kept = Number(limit) - 1;
  return new Elements([...parts.slice(0, kept), parts.slice(kept).join(separator)]);
}

function substringFrom(text: string, start: bigint): string | Failure {
  return start < 0n || start > BigInt(codePoints(text)) ? outOfRange(start) : text.slice(unitAt(text, Number(start)));
}

function substring(text: string, start: bigint, end: bigint): string | Failure {
  if (start > end) return new Failure(`invalid substring range. start: ${start}, end: ${end}`);
  const length = BigInt(codePoints(text));
  if (start < 0n || start > length) return outOfRange(start);
  if (end < 0n || end > length) return outOfRange(end);
  return text.slice(unitAt(text, Number(start)), unitAt(text, Number(end)));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped.
const ESCAPED = /[\x07-\r\\"]/g;

function quote(text: string): string {
  return `"${text.replace(ESCAPED, (character) => ESCAPES[character]!)}"`;
}

function join(list: ListValue, separator = ''): Result {
  const texts: string[] = [];
  let length = 0;
  for (const element of list) {
    if (element instanceof Failure) return element;
    if (typeof element !== 'string') return new Failure(`join: invalid input: ${element}`);
    length += element.length + separator.length;
    boundText(length);
    texts.push(element);
  }
  return texts.join(separator);
}

const less1 = (n: bigint): bigint => (n > 0n ? n - 1n : 0n);

/** How long a text may become, by cost.go: the longest and the shortest replacements as often as they fit. */
function replacedSize(text: Range, old: Range, replacement: Range): Range {
  const [most, keptAtMost] = replacements({ length: text.max, of: old.min, changes: replacement.max > old.min });
  const [least, keptAtLeast] = replacements({ length: text.min, of: old.max, changes: old.max > replacement.min });
  return plus(times({ min: least, max: most }, replacement), { min: keptAtLeast, max: keptAtMost });
}

function replacements({ length, of, changes }: { length: bigint; of: bigint; changes: boolean }): [count: bigint, kept: bigint] {
  if (of === 0n) return [length < UNBOUNDED ? length + 1n : length, length];
  if (!changes) return [0n, length];
  const count = Math.ceil(Number(length) / Number(of));
  return [count >= 2 ** 64 ? UNBOUNDED : BigInt(count), 0n];
}
