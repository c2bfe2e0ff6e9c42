import { jsonText, LazyList, LazyObject } from './bounded-text.ts';
import { type Fields, isFields } from './fields.ts';
import lines from './go-types.json' with { type: 'json' };
import { same } from './object.ts';
import { compareQuantities, isQuantity } from './quantity.ts';

/**
 * Values as Go prints them in errors. What Kubernetes validates are its internal structs (pkg/apis), which have other names, another order and no `omitempty`:
 * `{"Type":"OnDelete","RollingUpdate":null}`. Their fields are in `go-types.json`, which scripts/facts/go-values makes.
 */

/** A struct of Go (`core.Toleration`), or `{}` or `[]` before one: a map, a list. `{}s` is a map of strings. */
export type GoType = keyof typeof lines | `${'[]' | '{}' | '*'}${keyof typeof lines}` | '{}s' | '[]s' | '{}q';

/** A value of the served version with the struct that Go holds it in. It is looked at when it is printed. */
export class GoValue {
  readonly #type: string;
  readonly #value: unknown;
  readonly #around: Fields | undefined;

  constructor(type: GoType, value: unknown, around?: Fields) {
    this.#type = type;
    this.#value = value;
    this.#around = around;
  }

  /** As json.Marshal writes it, up to a limit. */
  get text(): string {
    return escaped(jsonText(this.shown));
  }

  /** As json.MarshalIndent writes it with one blank: its lines, each with its end, of at most so many. */
  lines(limit: number): string[] {
    const out: string[] = [];
    for (const line of indented(this.shown, '', '', '')) {
      if (out.length === limit) break;
      out.push(`${escaped(line)}\n`);
    }
    return out;
  }

  /** Whether another value of the same type means the same (equality.Semantic): an empty list or map is none, quantities are compared by what they are worth. */
  equals(other: unknown): boolean {
    return equalAs(this.#type, this.#value, other);
  }

  private get shown(): unknown {
    return shownAs(this.#type, this.#value, this.#around);
  }
}

/** `value` as an error of Kubernetes prints it. What a pod's security context says in the spec around it is looked up `around` it. */
export const goValue = (type: GoType, value: unknown, around?: object): GoValue => new GoValue(type, value, around as Fields | undefined);

/** json.Marshal is meant for web pages: it escapes what HTML gives a meaning. */
const escaped = (text: string): string => text.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

function shownAs(type: string, value: unknown, around: Fields = {}): unknown {
  if (type.startsWith('*')) return value === undefined || value === null ? null : shownAs(type.slice(1), value, around);
  if (type.startsWith('[]')) return Array.isArray(value) ? new GoList(type.slice(2), value, around) : null;
  if (type.startsWith('{}')) return isFields(value) ? new GoMap(type.slice(2), value, around) : null;
  if (type in zeros) return value ?? zeros[type as keyof typeof zeros];
  return new GoStruct(type, isFields(value) ? value : {}, around);
}

/** What Go has where nothing is said, by the codes of scripts/facts/go-values. */
const zeros = { s: '', i: 0, b: false, q: '0', n: 0, t: null, r: null };

function equalAs(type: string, a: unknown, b: unknown): boolean {
  const absent = (value: unknown) => value === undefined || value === null;
  if (type.startsWith('*')) return absent(a) || absent(b) ? absent(a) && absent(b) : equalAs(type.slice(1), a, b);
  if (type.startsWith('[]')) {
    const [x, y] = [a, b].map((list) => (Array.isArray(list) ? list : [])) as [unknown[], unknown[]];
    return x.length === y.length && x.every((element, i) => equalAs(type.slice(2), element, y[i]));
  }
  if (type.startsWith('{}')) {
    const [x, y] = [a, b].map((map) => (isFields(map) ? map : {})) as [Fields, Fields];
    const keys = Object.keys(x);
    return keys.length === Object.keys(y).length && keys.every((key) => Object.hasOwn(y, key) && equalAs(type.slice(2), x[key], y[key]));
  }
  if (type in zeros) {
    const [x, y] = [a, b].map((value) => value ?? zeros[type as keyof typeof zeros]);
    return (
      same(x, y) || (type === 'q' && [x, y].every((text) => typeof text === 'string' && isQuantity(text)) && compareQuantities(x as string, y as string) === 0)
    );
  }
  const [x, y] = [a, b].map((struct) => (isFields(struct) ? struct : {})) as [Fields, Fields];
  return fieldsOf(type).every(({ from, type: of }) => from.startsWith('^') || equalAs(of, x[from], y[from]));
}

class GoList extends LazyList {
  readonly #type: string;
  readonly #list: readonly unknown[];
  readonly #around: Fields;

  constructor(type: string, list: readonly unknown[], around: Fields) {
    super();
    this.#type = type;
    this.#list = list;
    this.#around = around;
  }

  override *[Symbol.iterator](): Iterator<unknown> {
    for (const element of this.#list) yield shownAs(this.#type, element, this.#around);
  }
}

/** Go writes maps by the order of their keys. */
class GoMap extends LazyObject {
  readonly #type: string;
  readonly #map: Fields;
  readonly #around: Fields;

  constructor(type: string, map: Fields, around: Fields) {
    super();
    this.#type = type;
    this.#map = map;
    this.#around = around;
  }

  override *[Symbol.iterator](): Iterator<[string, unknown]> {
    for (const key of Object.keys(this.#map).sort(byBytes)) yield [key, shownAs(this.#type, this.#map[key], this.#around)];
  }
}

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

class GoStruct extends LazyObject {
  readonly #type: string;
  readonly #value: Fields;
  readonly #around: Fields;

  constructor(type: string, value: Fields, around: Fields) {
    super();
    this.#type = type;
    this.#value = value;
    this.#around = around;
  }

  override *[Symbol.iterator](): Iterator<[string, unknown]> {
    for (const { name, from, type, omitEmpty } of fieldsOf(this.#type)) {
      const value = from.startsWith('^') ? this.#around[from.slice(1)] : this.#value[from];
      if (name === '...') yield* new GoStruct(type, isFields(value) ? value : {}, this.#value);
      else if (!omitEmpty || !isEmpty(value)) yield [name, shownAs(type, value, this.#value)];
    }
  }
}

const isEmpty = (value: unknown): boolean => !value || (Array.isArray(value) ? value.length === 0 : isFields(value) && Object.keys(value).length === 0);

interface GoField {
  readonly name: string;
  /** Its name in the served version; after a `^` in the object around. */
  readonly from: string;
  readonly type: string;
  readonly omitEmpty: boolean;
}

const types = new Map<string, readonly GoField[]>();

function fieldsOf(type: string): readonly GoField[] {
  let fields = types.get(type);
  if (!fields) {
    fields = lines[type as keyof typeof lines].split(';').map(readField);
    types.set(type, fields);
  }
  return fields;
}

function readField(text: string): GoField {
  const [name, from, type] = text.split(' ') as [string, string, string];
  return { name, from: from || `${name[0]!.toLowerCase()}${name.slice(1)}`, type: type.replace('?', ''), omitEmpty: type.startsWith('?') };
}

/** The lines of json.MarshalIndent, without their ends. */
function* indented(value: unknown, before: string, indent: string, after: string): Generator<string> {
  const isList = value instanceof LazyList || Array.isArray(value);
  if (!isList && !(value instanceof LazyObject) && !isFields(value)) {
    yield `${before}${jsonText(value)}${after}`;
    return;
  }
  const [open, close] = isList ? '[]' : '{}';
  const members = isList || value instanceof LazyObject ? (value as Iterable<unknown>) : Object.entries(value as Fields);
  let last: [name: string, value: unknown] | undefined;
  for (const member of members) {
    if (last) yield* indented(last[1], last[0], `${indent} `, ',');
    else yield `${before}${open}`;
    last = isList ? [`${indent} `, member] : [`${indent} ${JSON.stringify((member as [string])[0])}: `, (member as [string, unknown])[1]];
  }
  if (last) {
    yield* indented(last[1], last[0], `${indent} `, '');
    yield `${indent}${close}${after}`;
  } else yield `${before}${open}${close}${after}`;
}
