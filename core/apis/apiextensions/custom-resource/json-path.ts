import { isNearlyInteger } from '../../../schema/custom/nearly-integer.ts';

/**
 * The paths of printer columns and selectable fields, as client-go reads them (util/jsonpath): `.spec.a`, `.status.conditions[?(@.type=="Ready")].status`,
 * `.spec.list[*].x`, `.metadata.labels.example\.com/k`, `['a','b']`, `[0:2]`, `..name`. What is not there yields nothing.
 */

/** All that a path finds, in order. Throws for a value that a step does not fit, such as an index beyond the end of a list. */
export type JsonPath = (value: unknown) => unknown[];

/** Undefined for a path that cannot be read. */
export function parseJsonPath(text: string): JsonPath | undefined {
  try {
    return pathOf(stepsOf(text));
  } catch {
    return undefined;
  }
}

/** The first value of a path; undefined when there is none, or a step does not fit. */
export function firstAt(path: JsonPath, value: unknown): unknown {
  try {
    return path(value)[0];
  } catch {
    return undefined;
  }
}

type Step = (values: readonly unknown[]) => unknown[];

const pathOf =
  (steps: readonly Step[]): JsonPath =>
  (value) =>
    steps.reduce<unknown[]>((values, step) => step(values), [value]);

function stepsOf(text: string): Step[] {
  const steps: Step[] = [];
  let rest = text;
  while (rest !== '') {
    const [step, length] = stepAt(rest);
    steps.push(step);
    rest = rest.slice(length);
  }
  return steps;
}

function stepAt(text: string): [step: Step, length: number] {
  if (text.startsWith('..')) return [descendants, text[2] === '[' || text[2] === undefined ? 2 : 1];
  if (text[0] === '[') {
    const length = closingBracket(text) + 1;
    return [bracketStep(text.slice(1, length - 1)), length];
  }
  if (text[0] !== '.' && text[0] !== '@' && text[0] !== '$') throw new Error(`unexpected ${text}`);
  if (text[0] !== '.') return [(values) => [...values], 1];
  const [whole, name] = /^\.((?:[^\\.[\]\s|(),"'{}]|\\.)*)/.exec(text)!;
  if (name === '') return [(values) => [...values], 1];
  return [name === '*' ? wildcard : fieldStep(name!.replace(/\\(.)/g, '$1')), whole.length];
}

function closingBracket(text: string): number {
  let depth = 0;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quote) {
      if (c === '\\') i++;
      else if (c === quote) quote = '';
    } else if (c === '"' || c === "'") quote = c;
    else if (c === '[') depth++;
    else if (c === ']' && --depth === 0) return i;
  }
  throw new Error('unterminated array');
}

function bracketStep(text: string): Step {
  if (text.startsWith('?(') && text.endsWith(')')) return filterStep(text.slice(2, -1).trim());
  if (text === '*') return wildcard;
  const quoted = [...text.matchAll(/\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(?:,|$)/gy)];
  if (quoted.length > 0) return union(quoted.map(([, a, b]) => fieldStep((a ?? b)!.replace(/\\(.)/g, '$1'))));
  return union(text.split(',').map((part) => sliceStep(part.trim())));
}

const union =
  (steps: readonly Step[]): Step =>
  (values) =>
    steps.flatMap((step) => step(values));

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldStep =
  (name: string): Step =>
  (values) =>
    values.flatMap((value) => (isFields(value) && Object.hasOwn(value, name) ? [value[name]] : []));

/** The elements of lists, the values of maps. */
const wildcard: Step = (values) =>
  values.flatMap((value) =>
    Array.isArray(value)
      ? value
      : isFields(value)
        ? Object.keys(value)
            .sort()
            .map((name) => value[name])
        : [],
  );

const descendants: Step = (values) => values.flatMap((value) => [value, ...descendants(wildcard([value]))]);

function sliceStep(text: string): Step {
  const match = /^(-?\d+)?(?:(:)(-?\d+)?(?::(-?\d+))?)?$/.exec(text);
  if (!match || text === '') throw new Error(`invalid array index ${text}`);
  const [, first, isSlice, last, by = '1'] = match;
  if (Number(by) <= 0) throw new Error('step must be > 0');
  return (values) =>
    values.flatMap((value) => {
      if (value === null || value === undefined) return [];
      if (!Array.isArray(value)) throw new Error('not an array or slice');
      const place = (index: number) => (index < 0 ? index + value.length : index);
      const from = place(Number(first ?? 0));
      const to = isSlice ? (last === undefined ? value.length : place(Number(last))) : from + 1;
      if (from !== to && (from >= value.length || from < 0 || to > value.length || to < 0 || from > to)) throw new Error('array index out of bounds');
      return value.slice(from, to).filter((_, i) => i % Number(by) === 0);
    });
}

/** `@.type=="Ready"`, `@.n > 1`, `@.there`; of lists, and of the values of maps. */
function filterStep(text: string): Step {
  const match = /^(.*?)\s*(==|!=|<=|>=|<|>)\s*(.*)$/s.exec(text);
  const holds = match ? comparison(operand(match[1]!), match[2]!, operand(match[3]!)) : existence(operand(text));
  return (values) =>
    values.flatMap((value) => {
      if (value === null || value === undefined) return [];
      if (!Array.isArray(value)) throw new Error('not an array or slice and cannot be filtered');
      return value.filter(holds);
    });
}

function operand(text: string): JsonPath {
  const quoted = /^(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")$/s.exec(text);
  if (quoted) return () => [(quoted[1] ?? quoted[2])!.replace(/\\(.)/g, '$1')];
  if (text === 'true' || text === 'false') return () => [text === 'true'];
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return () => [Number(text)];
  return pathOf(stepsOf(text));
}

const existence =
  (path: JsonPath) =>
  (value: unknown): boolean =>
    path(value).length > 0;

const comparison =
  (left: JsonPath, operator: string, right: JsonPath) =>
  (value: unknown): boolean => {
    const [a, ...more] = left(value);
    const [b, ...others] = right(value);
    if (more.length + others.length > 0) throw new Error('can only compare one element at a time');
    if (a === undefined || b === undefined) return false;
    if (typeof a !== typeof b) throw new Error('incompatible types for comparison');
    switch (operator) {
      case '==':
        return a === b;
      case '!=':
        return a !== b;
      case '<':
        return (a as number) < (b as number);
      case '<=':
        return (a as number) <= (b as number);
      case '>':
        return (a as number) > (b as number);
      default:
        return (a as number) >= (b as number);
    }
  };

/** A value as a path prints it: objects and lists as JSON. */
export function printed(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && !isNearlyInteger(value) ? String(value) : JSON.stringify(value);
}
