import type { Surroundings } from '../../surroundings.ts';
import { arithmetic } from './arithmetic.ts';
import { matchingPart } from './pattern.ts';
import type { Value } from './programs.ts';
import type { Scope } from './scope.ts';
import type { List, Part, Word } from './syntax.ts';

/** What runs the commands that stand in words, and knows the time. */
interface Commands {
  readonly surroundings: Surroundings;
  readonly time: number;
  output(list: List, scope: Scope): Value;
  spend(characters: number): void;
}

/** A word as the shell makes words of it: what comes of variables and commands outside of quotes is split at blanks, braces are taken apart. */
export function expand(word: Word, scope: Scope, commands: Commands): Value[] {
  const alternatives = bracesOf(word, commands);
  if (alternatives) return alternatives.flatMap((each) => expand(each, scope, commands));
  const fields: Value[] = [];
  let current: Value;
  let begun = false;
  const add = (text: Value) => {
    current = begun ? (current === undefined || text === undefined ? undefined : current + text) : text;
    begun = true;
  };
  const end = () => {
    commands.spend(1 + (current?.length ?? 0));
    if (begun) fields.push(current);
    begun = false;
  };
  for (const part of word) {
    if (part.type === 'variable' && (part.name === '@' || part.name === '*' || isAll(part))) {
      const values = part.name === '@' || part.name === '*' ? scope.args : (scope.array(part.name) ?? []);
      if (part.operator === 'length') add(String(values.length));
      else if (part.quoted && part.name === '*') add(values.includes(undefined) ? undefined : values.join(' '));
      else
        for (const [i, value] of values.entries()) {
          if (i > 0) end();
          add(value);
        }
      continue;
    }
    const text = partOf(part, scope, commands);
    if (part.quoted || part.type === 'text' || text === undefined) {
      add(text);
      continue;
    }
    const pieces = text.split(/[ \t\n]+/);
    for (const [i, piece] of pieces.entries()) {
      if (i > 0) end();
      if (piece !== '') add(piece);
    }
  }
  end();
  return fields;
}

/** A word as one, whatever is in it: what is assigned, compared or written to. */
export function expandOne(word: Word, scope: Scope, commands: Commands): Value {
  let text = '';
  for (const part of word) {
    const next = partOf(part, scope, commands);
    if (next === undefined) return undefined;
    commands.spend(1 + next.length);
    text += next;
  }
  return text;
}

function partOf(part: Part, scope: Scope, commands: Commands): Value {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'command':
      return commands.output(part.body, scope);
    case 'arithmetic': {
      const value = arithmetic(expandQuietly(part.text, scope, commands), drawing(scope, commands));
      return value === undefined ? undefined : String(value);
    }
    case 'variable':
      return variable(part, scope, commands);
  }
}

/** `$1`, `${x}` and `$?` in the text of arithmetic; a name without a dollar it reads itself. */
export function expandQuietly(text: string, scope: Scope, commands: Commands): string {
  commands.spend(text.length);
  return text
    .replace(/\$\{#?([A-Za-z_]\w*)(?:\[([^\][{}]*)\])?\}/g, (all, name: string, index = '') =>
      all.startsWith('${#') ? String(scope.array(name)?.length ?? 0) : index === '' ? name : (scope.array(name)?.[Number(scope.get(index) ?? index)] ?? '0'),
    )
    .replace(/\$\{?([\d?#])\}?/g, (_, name: string) =>
      name === '?' ? String(scope.before ?? '?') : name === '#' ? String(scope.args.length) : (scope.args[Number(name) - 1] ?? '0'),
    )
    .replace(/\$\(date \+%s\)/g, () => String(Math.floor((commands.surroundings.startedAt + commands.time) / 1000)));
}

/** Variables with `RANDOM` among them. */
const drawing = (scope: Scope, commands: Commands) => ({
  get: (name: string) => (name === 'RANDOM' && !scope.has(name) ? random(scope, commands) : scope.get(name)),
  set: (name: string, value: string) => scope.set(name, value),
});

function random(scope: Scope, { surroundings, time }: Commands): string {
  scope.version++;
  return String(Math.floor(surroundings.chance(`RANDOM ${time} ${scope.version}`) * 32_768));
}

function variable(part: Part & { type: 'variable' }, scope: Scope, commands: Commands): Value {
  const { name, index, operator, operand } = part;
  const value = parameter(name, index, scope, commands);
  if (!operator) return value.set ? value.text : '';
  const other = () => expandOne(operand ?? [], scope, commands);
  const { set, text } = value;
  const missing = !set || (operator.startsWith(':') && text === '');
  switch (operator) {
    case 'length':
      return text === undefined ? (set ? undefined : '0') : String(text.length);
    case '-':
    case ':-':
      return missing ? other() : text;
    case '=':
    case ':=':
      if (missing) scope.set(name, other());
      return missing ? scope.get(name) : text;
    case '+':
    case ':+':
      return missing ? '' : other();
    case '?':
    case ':?':
      return missing ? undefined : text;
    default:
      return set && text !== undefined ? cut(text, operator, other(), commands) : '';
  }
}

function cut(text: string, operator: string, pattern: Value, commands: Commands): Value {
  if (pattern === undefined) return undefined;
  switch (operator) {
    case '#':
    case '##':
      return text.slice(matchingPart(text, pattern, { end: 'prefix', longest: operator === '##' }, commands) ?? 0);
    case '%':
    case '%%':
      return text.slice(0, text.length - (matchingPart(text, pattern, { end: 'suffix', longest: operator === '%%' }, commands) ?? 0));
    case '/':
    case '//': {
      const [from, to = ''] = pattern.split('/', 2);
      if (!from || /[*?[]/.test(from)) return undefined;
      return operator === '/' ? text.replace(from, () => to) : text.replaceAll(from, () => to);
    }
    case '^^':
      return text.toUpperCase();
    case ',,':
      return text.toLowerCase();
    case ':': {
      const [from, length] = pattern.split(':').map(Number);
      return Number.isInteger(from) ? text.slice(from, length === undefined ? undefined : from! + length) : undefined;
    }
    default:
      return undefined;
  }
}

function parameter(name: string, index: Word | undefined, scope: Scope, commands: Commands): { set: boolean; text: Value } {
  if (index) {
    const at = arithmetic(expandOne(index, scope, commands) ?? '?', scope);
    const array = scope.array(name) ?? [];
    return at === undefined ? { set: true, text: undefined } : { set: at < array.length, text: array[at] };
  }
  if (name === '?') return { set: true, text: scope.before === undefined ? undefined : String(scope.before) };
  if (name === '#') return { set: true, text: String(scope.args.length) };
  if (name === '$') return { set: true, text: '1' };
  if (name === '!' || name === '-') return { set: true, text: undefined };
  if (name === '0') return { set: true, text: 'sh' };
  if (/^\d+$/.test(name)) return { set: Number(name) <= scope.args.length, text: scope.args[Number(name) - 1] };
  if (name === 'RANDOM' && !scope.has(name)) return { set: true, text: random(scope, commands) };
  if (name === 'HOSTNAME' && !scope.has(name)) return { set: true, text: commands.surroundings.hostname };
  if (name === 'SECONDS' && !scope.has(name)) return { set: true, text: String(Math.floor(commands.time / 1000)) };
  return { set: scope.has(name), text: scope.get(name) };
}

const isAll = ({ index }: Part & { type: 'variable' }): boolean => index?.length === 1 && index[0]!.type === 'text' && /^[@*]$/.test(index[0]!.text);

const BRACES = /^(.*?)\{([^{},]*(?:,[^{},]*)+|-?\d{1,5}\.\.-?\d{1,5})\}(.*)$/s;
const MOST_ALTERNATIVES = 1_000;

/** `{1..10}` and `{a,b}`, outside of quotes. */
function bracesOf(word: Word, commands: Commands): Word[] | undefined {
  for (const [i, part] of word.entries()) {
    if (part.type !== 'text' || part.quoted || part.text.length > 200) continue;
    const match = BRACES.exec(part.text);
    if (!match) continue;
    // What each of the alternatives is made of.
    commands.spend(word.length + part.text.length);
    const [, before, inner, after] = match as unknown as [string, string, string, string];
    const [first, last] = inner.split('..').map(Number) as [number, number];
    const range = inner.includes('..') && !inner.includes(',');
    if (range && Math.abs(last - first) > MOST_ALTERNATIVES) return undefined;
    const each = range ? Array.from({ length: Math.abs(last - first) + 1 }, (_, n) => String(first + (last < first ? -n : n))) : inner.split(',');
    return each.map((text) => [...word.slice(0, i), { ...part, text: before + text + after }, ...word.slice(i + 1)]);
  }
  return undefined;
}
