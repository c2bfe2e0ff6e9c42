import { type Matcher, RE2JS } from 're2js';

/**
 * A regular expression of RE2, which is linear in the text. It is put together when it first meets a text: `a{1000}` is a program of a thousand instructions in seven
 * characters, and a definition may have many such that no object ever meets.
 */
export class RegularExpression {
  /** How long its program is at most, in instructions: what a character of a text may cost. */
  readonly size: number;
  readonly #pattern: string;
  #compiled: RE2JS | undefined;

  constructor(pattern: string, size: number) {
    this.#pattern = pattern;
    this.size = size;
  }

  /** Whether it is found anywhere in a text. */
  test(text: string): boolean {
    return this.matcher(text).find();
  }

  matcher(text: string): Matcher {
    this.#compiled ??= compiled(this.#pattern);
    return this.#compiled.matcher(text);
  }
}

/** What RE2 says of a pattern that is none, in Go's words. */
export interface NoExpression {
  readonly problem: string;
}

export function regularExpression(pattern: string): RegularExpression | NoExpression {
  const known = expressions.get(pattern);
  if (known) return known;
  const made = parsed(pattern);
  if (pattern.length > MAX_REMEMBERED) return made;
  if (expressions.size >= MAX_EXPRESSIONS) expressions.delete(expressions.keys().next().value!);
  expressions.set(pattern, made);
  return made;
}

// A cluster's definitions have some hundreds.
const MAX_EXPRESSIONS = 1_000;
/** In characters. */
const MAX_REMEMBERED = 1_000;
const expressions = new Map<string, RegularExpression | NoExpression>();

/** The longest program, in instructions. Go stops at three million, of which each takes 40 bytes (regexp/syntax, `maxSize`), and a microsecond or two here. */
const MAX_SIZE = 10_000;

function parsed(pattern: string): RegularExpression | NoExpression {
  const { size, repeats } = repetitions(pattern);
  // What is repeated most is parsed once, to be told what is wrong with it: parsing writes nothing out.
  const isLong = size > 2 * pattern.length + SMALL;
  const problem = problemOf(isLong && repeats <= MAX_REPEATS ? once(pattern) : pattern);
  if (problem !== undefined) return { problem: isLong ? (problemOf(pattern) ?? problem) : problem };
  if (size > MAX_SIZE + pattern.length) return { problem: `error parsing regexp: expression too large: \`${pattern}\`` };
  return new RegularExpression(pattern, size);
}

/** Repetitions are worth looking at from here on. */
const SMALL = 200;
/** How often RE2 lets a part be repeated, in all the repetitions around it together. */
const MAX_REPEATS = 1_000;

function problemOf(pattern: string): string | undefined {
  try {
    compiled(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return `error parsing regexp: expression nests too deeply: \`${pattern}\``;
    return error instanceof Error ? error.message : String(error);
  }
}

function compiled(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    // Nothing asks for groups by their names, and Go lets two have the same.
    if (error instanceof Error && error.message.includes('duplicate capture group name')) return RE2JS.compile(withoutNames(pattern));
    throw error;
  }
}

const withoutNames = (pattern: string) => pattern.replace(/\\.|\(\?P?<\w+>/g, (part) => (part.startsWith('\\') ? part : '('));

/** The pattern with all its repetitions made single ones. */
const once = (pattern: string) => pattern.replace(/\\.|\{\d+(,\d*)?\}/g, (part) => (part.startsWith('\\') ? part : '{1}'));

/**
 * How many instructions the program of a pattern has at most once its repetitions are written out, and how often its most repeated part is. Nothing else makes a program
 * much longer than its text.
 */
function repetitions(pattern: string): { readonly size: number; readonly repeats: number } {
  const around: Group[] = [];
  let group: Group = { before: 0, last: 0, repeats: 1, most: 1 };
  const piece = (size: number, repeats = 1) => {
    group.before += group.last;
    group.last = size;
    group.repeats = repeats;
    group.most = Math.max(group.most, repeats);
  };
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i];
    if (character === '\\') {
      i++;
      piece(1);
    } else if (character === '[') {
      i = endOfClass(pattern, i);
      piece(1);
    } else if (character === '(') {
      around.push(group);
      group = { before: 0, last: 0, repeats: 1, most: 1 };
    } else if (character === ')' && around.length > 0) {
      const inner = group;
      group = around.pop()!;
      piece(inner.before + inner.last + 2, inner.most);
    } else {
      const count = character === '{' ? countAt(pattern, i) : undefined;
      if (!count) piece(1);
      else {
        group.last = count.times * (group.last + 1);
        group.repeats *= count.times;
        group.most = Math.max(group.most, group.repeats);
        i = count.end;
      }
    }
  }
  // Groups that do not close are an error, which parsing finds.
  const all = [...around, group];
  return { size: all.reduce((sum, { before, last }) => sum + before + last, 2), repeats: Math.max(...all.map(({ most }) => most)) };
}

/** A group that is being read: what it comes to but for its last part, which a repetition is about, and that; how often what is most repeated in both is. */
interface Group {
  before: number;
  last: number;
  repeats: number;
  most: number;
}

/** `{3}`, `{3,}`, `{3,5}` */
function countAt(pattern: string, at: number): { readonly times: number; readonly end: number } | undefined {
  const [text, least, , most] = /^\{(\d{1,6})(,(\d{0,6}))?\}/.exec(pattern.slice(at, at + 16)) ?? [];
  return text === undefined ? undefined : { times: Math.max(1, Number(least), Number(most || 0)), end: at + text.length - 1 };
}

/** Of `[^]a\]]`: the last bracket. */
function endOfClass(pattern: string, start: number): number {
  let i = start + 1;
  if (pattern[i] === '^') i++;
  if (pattern[i] === ']') i++;
  for (; i < pattern.length; i++) {
    if (pattern[i] === '\\') i++;
    else if (pattern[i] === '[' && pattern[i + 1] === ':') {
      const end = pattern.indexOf(':]', i + 2);
      if (end !== -1) i = end + 1;
    } else if (pattern[i] === ']') return i;
  }
  return pattern.length;
}
