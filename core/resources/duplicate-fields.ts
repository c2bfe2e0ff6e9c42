import type { FieldSchema } from './schema.ts';
import { schemaOf } from './schema-lookup.ts';

/**
 * The fields that a JSON text has twice, which JSON.parse passes over: `duplicate field "spec.replicas"`, as sigs.k8s.io/json reports them. Only
 * for a text that JSON.parse has taken; `value` is what it made of it. Names that the schema does not have are reported as unknown, not here.
 */
export function duplicateFields({ text, value, definition }: { text: string; value: unknown; definition: string }): string[] {
  // Nearly always there are none, and counting is much cheaper than reading.
  if (countNames(text) === countMembers(value)) return [];
  const found = new Set<string>();
  new Reader(text, found).value({ ref: definition }, '');
  return [...found].slice(0, 100).map((path) => `duplicate field ${JSON.stringify(path)}`);
}

/** How many strings with a colon after them a JSON text has. */
function countNames(text: string): number {
  let count = 0;
  for (let start = text.indexOf('"'); start !== -1; ) {
    const end = endOfString(text, start);
    let next = end;
    while (isSpace(text.charCodeAt(next))) next++;
    if (text.charCodeAt(next) === COLON) count++;
    start = text.indexOf('"', end);
  }
  return count;
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) if (typeof element === 'object') count += countMembers(element);
    return count;
  }
  for (const name in value) {
    const member = (value as Record<string, unknown>)[name];
    count += typeof member === 'object' ? 1 + countMembers(member) : 1;
  }
  return count;
}

const COLON = 58;
const isSpace = (code: number) => code === 32 || code === 10 || code === 13 || code === 9;

/** The position after the closing quote of the string that starts at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return end + 1;
  }
}

/** Reads a valid JSON text along its schema. */
class Reader {
  readonly #text: string;
  readonly #found: Set<string>;
  #at = 0;

  constructor(text: string, found: Set<string>) {
    this.#text = text;
    this.#found = found;
  }

  /** `schema` undefined: whatever comes is skipped, as are values that Go keeps raw. */
  value(schema: FieldSchema | undefined, path: string): void {
    const first = this.#peek();
    if (first === '{') this.#members(schema, path);
    else if (first === '[') this.#elements(schema?.items, path);
    else if (first === '"') this.#at = endOfString(this.#text, this.#at);
    else while (!',]}'.includes(this.#text[this.#at] ?? ',')) this.#at++;
  }

  #members(schema: FieldSchema | undefined, path: string): void {
    const fields = schema?.ref ? schemaOf(schema.ref)?.fields : undefined;
    const seen = new Set<string>();
    this.#at++;
    while (this.#peek() !== '}') {
      const start = this.#at;
      this.#at = endOfString(this.#text, start);
      const name: string = JSON.parse(this.#text.slice(start, this.#at));
      this.#take(':');
      const member = fields ? (Object.hasOwn(fields, name) ? fields[name] : undefined) : schema?.map;
      const at = path ? `${path}.${name}` : name;
      if (member && seen.has(name)) this.#found.add(at);
      seen.add(name);
      this.value(member, at);
      this.#takeIf(',');
    }
    this.#take('}');
  }

  #elements(items: FieldSchema | undefined, path: string): void {
    this.#at++;
    for (let i = 0; this.#peek() !== ']'; i++) {
      this.value(items, `${path}[${i}]`);
      this.#takeIf(',');
    }
    this.#take(']');
  }

  #peek(): string {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++;
    return this.#text[this.#at]!;
  }

  #takeIf(character: string): void {
    if (this.#peek() === character) this.#at++;
  }

  #take(character: string): void {
    if (this.#peek() !== character) throw new Error(`expected ${character} at ${this.#at}: JSON.parse would have refused the text`);
    this.#at++;
  }
}
