import { isFields } from '../kube/fields.ts';
import { goNumber } from '../kube/go-text.ts';
import { compareText } from './code-points.ts';

/**
 * One step of the path of a field, in the form in which `fieldsV1` writes it: `f:replicas` (a field of a map or struct), `k:{"name":"web"}` (an element of a list by its keys),
 * `v:"a"` (an element of a set), `i:0` (one of a list by its place). Equal steps are equal texts (sigs.k8s.io/structured-merge-diff, fieldpath/serialize-pe.go).
 */
export type PathElement = string;

export type Scalar = string | number | boolean | null;

export const fieldElement = (name: string): PathElement => `f:${name}`;

/** `keys`: in the order of their names. */
export const keyElement = (keys: readonly (readonly [name: string, value: unknown])[]): PathElement =>
  `k:{${keys.map(([name, value]) => `${goJson(name)}:${goJson(value)}`).join(',')}}`;

export const valueElement = (value: unknown): PathElement => `v:${goJson(value)}`;

/** The name of a field; undefined for an element of a list. */
export const nameOf = (element: PathElement): string | undefined => (element.startsWith('f:') ? element.slice(2) : undefined);

/** The order of Go's PathElement.Compare: fields, keys, values, places; each by its content. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a === b) return 0;
  const [x, y] = [a.charCodeAt(0), b.charCodeAt(0)];
  if (x !== y) return rank(x) - rank(y);
  if (x === FIELD) return compareText(a, b);
  const [left, right] = [parsed(a), parsed(b)];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const order = compareScalars(left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

const FIELD = 'f'.charCodeAt(0);
const KEY = 'k'.charCodeAt(0);
const VALUE = 'v'.charCodeAt(0);

const rank = (type: number) => (type === FIELD ? 0 : type === KEY ? 1 : type === VALUE ? 2 : 3);

/** What an element of a list is compared by: the names and values of its keys in turn, its value, its place. */
function parsed(element: PathElement): readonly Scalar[] {
  let parts = known.get(element);
  if (!parts) {
    const content = JSON.parse(element.slice(2));
    parts = element.charCodeAt(0) === KEY ? Object.entries(content as Record<string, Scalar>).flat() : [content as Scalar];
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(element, parts);
  }
  return parts;
}

const known = new Map<PathElement, readonly Scalar[]>();
const MOST_KNOWN = 10_000;

/** Go's value.Compare: numbers come before strings, those before booleans, null is last. */
function compareScalars(a: Scalar, b: Scalar): number {
  const order = kindOf(a) - kindOf(b);
  if (order !== 0) return order;
  if (typeof a === 'string') return compareText(a, b as string);
  return Number(a) - Number(b);
}

const kindOf = (value: Scalar) => (typeof value === 'number' ? 0 : typeof value === 'string' ? 1 : typeof value === 'boolean' ? 2 : 3);

/** A step as conflicts name it: `.spec`, `[name="web",protocol="TCP"]`, `[="a"]`, `[0]` (PathElement.String). */
export function displayed(element: PathElement): string {
  const content = element.slice(2);
  if (element.startsWith('f:')) return `.${content}`;
  if (element.startsWith('k:')) return `[${Object.entries(JSON.parse(content)).map(([name, value]) => `${name}=${goQuoted(value)}`)}]`;
  return element.startsWith('v:') ? `[=${goQuoted(JSON.parse(content))}]` : `[${content}]`;
}

/** As structured-merge-diff prints a value (value.ToString). Of a list whose elements have keys, one may be anything. */
function goQuoted(value: unknown): string {
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'number') return goNumber(value);
  if (Array.isArray(value)) return `[${value.map(goQuoted).join(',')}]`;
  return isFields(value)
    ? Object.entries(value)
        .map(([name, inner]) => `${name}=${goQuoted(inner)}`)
        .join('')
    : String(value);
}

/** A text as Go's %q prints it. */
function goQuote(text: string): string {
  let out = '';
  for (const character of text) out += escapes[character] ?? (/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character) ? character : unprintable(character));
  return `"${out}"`;
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

function unprintable(character: string): string {
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** Scalars as Go's JSON encoder writes them: what HTML would take for its own is escaped. */
const goJson = (value: unknown): string =>
  typeof value === 'number' ? String(value) : typeof value === 'string' && PLAIN.test(value) ? `"${value}"` : escaped(JSON.stringify(value));

/** What every encoder writes as it is. */
const PLAIN = /^[\w./: -]*$/;

const escaped = (json: string): string =>
  json.replace(/[<>&\u2028\u2029]|\\./g, (found) =>
    found === '\\b' ? '\\u0008' : found === '\\f' ? '\\u000c' : found[0] === '\\' ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A step in its canonical form, from one that a client wrote; undefined for a type that is not known, which is passed over. Throws a SyntaxError. */
export function readElement(text: string): PathElement | undefined {
  if (text.length < 2) throw new SyntaxError('key must be 2 characters long:');
  if (text[1] !== ':') throw new SyntaxError(`missing colon: ${text}`);
  const content = text.slice(2);
  switch (text[0]) {
    case 'f':
      return text;
    case 'k':
      return keyElement(keysIn(JSON.parse(content)));
    case 'v':
      return valueElement(JSON.parse(content));
    case 'i':
      if (!/^[+-]?\d+$/.test(content)) throw new SyntaxError(`strconv.Atoi: parsing ${goQuote(content)}: invalid syntax`);
      return `i:${Number(content)}`;
    default:
      return undefined;
  }
}

function keysIn(content: unknown): [name: string, value: unknown][] {
  if (!isFields(content)) throw new SyntaxError('ReadObjectCB: expect { or n');
  return Object.entries(content).sort(([a], [b]) => compareText(a, b));
}
