import { type Fields, isFields } from '../../core/kube/fields.ts';

/** A value that is small enough for an answer, and what of it was left out. */
interface Bounded<T> {
  readonly value: T;
  /** `.items: 40 of 400`, in the order of the value. */
  readonly leftOut: readonly string[];
}

/** How many characters of JSON, or of text, an answer has at most: agents are given it whole, and pay for it. */
export const MOST_CHARACTERS = 40_000;

/** Leaves out of a value what is too much: the rest of long texts and lists, then what stands deepest. */
export function bounded<T extends Fields>(value: T, most: number): Bounded<T> {
  for (const limits of LIMITS) {
    const leftOut: string[] = [];
    const found = within(value, { limits, path: '', level: 0, leftOut }) as T;
    if (JSON.stringify(found).length <= most) return { value: found, leftOut };
  }
  return { value: {} as T, leftOut: ['everything'] };
}

interface Limits {
  /** Of a text, in characters. */
  readonly text: number;
  /** Of a list, or the fields of a map. */
  readonly count: number;
  readonly depth: number;
}

/** From the widest on. */
const LIMITS: readonly Limits[] = [
  { text: 40_000, count: 100_000, depth: 64 },
  { text: 4_000, count: 500, depth: 64 },
  { text: 1_000, count: 200, depth: 64 },
  { text: 500, count: 100, depth: 12 },
  { text: 200, count: 50, depth: 8 },
  { text: 200, count: 20, depth: 6 },
  { text: 100, count: 10, depth: 5 },
  { text: 100, count: 5, depth: 4 },
];

interface At {
  readonly limits: Limits;
  readonly path: string;
  /** How many lists and maps it stands in. */
  readonly level: number;
  readonly leftOut: string[];
}

function within(value: unknown, at: At): unknown {
  const { limits, path, level, leftOut } = at;
  if (typeof value === 'string') {
    if (value.length <= limits.text) return value;
    leftOut.push(`${path}: ${limits.text} of ${value.length} characters`);
    return `${value.slice(0, limits.text)}…`;
  }
  const count = level >= limits.depth ? 0 : limits.count;
  const inner = (next: unknown, step: string) => within(next, { ...at, path: `${path}${step}`, level: level + 1 });
  if (Array.isArray(value)) {
    if (value.length > count) leftOut.push(`${path}: ${count} of ${value.length}`);
    return value.slice(0, count).map((each, i) => inner(each, `[${i}]`));
  }
  if (!isFields(value)) return value;
  const entries = Object.entries(value);
  if (entries.length > count) leftOut.push(`${path}: ${count} of ${entries.length} fields`);
  return Object.fromEntries(entries.slice(0, count).map(([name, each]) => [name, inner(each, PLAIN.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`)]));
}

const PLAIN = /^[A-Za-z_$][\w$-]*$/;
