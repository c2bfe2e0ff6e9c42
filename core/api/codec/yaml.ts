import { Composer, type CST, type Document, type ErrorCode, isScalar, Lexer, LineCounter, Parser, type ScalarTag, stringify, type Tags, visit } from 'yaml';
import { cut } from '../../kube/bounded-text.ts';
import { hasLongDigits, int64Of, isInt64, numberOfInteger } from '../../kube/int64.ts';

/**
 * YAML as Kubernetes reads and writes it (sigs.k8s.io/yaml over go-yaml 2): YAML 1.1 with `yes`, `on` and `0644`, but without its times of day,
 * timestamps, sets and ordered maps: `22:22` and `2001-01-01` are strings.
 */

const octal: ScalarTag = {
  identify: () => false,
  default: true,
  tag: 'tag:yaml.org,2002:int',
  test: /^[-+]?0o[0-7_]+$/,
  resolve: (text) => (text.startsWith('-') ? -1 : 1) * Number.parseInt(text.replace(/^[-+]?0o|_/g, ''), 8),
};

const binary: ScalarTag = { identify: () => false, tag: 'tag:yaml.org,2002:binary', resolve: (text) => Buffer.from(text, 'base64').toString() };

const dropped = /timestamp|binary|omap|pairs|set$/;

/** A number has a digit: the library takes `.` and `-.` for one. */
const withDigits = (tags: Tags): Tags =>
  tags.map((tag) =>
    typeof tag !== 'string' && 'test' in tag && tag.tag === 'tag:yaml.org,2002:float' && tag.test?.test('.')
      ? { ...tag, test: /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)$/ }
      : tag,
  );

const readTags = (tags: Tags): Tags => [
  ...withDigits(tags).filter((tag) => typeof tag === 'string' || !(dropped.test(tag.tag) || ('format' in tag && tag.format === 'TIME'))),
  octal,
  binary,
];

/**
 * The value of the first document in a YAML text, `null` when there is none. Throws an Error `yaml: line 3: …` when it is not YAML, when it is nested or
 * takes more tokens than any object needs, or when its aliases unfold to more than a body may be. All of that is found out before it costs much.
 * @param duplicate is told of every key that stands twice in its map (the last one counts).
 */
export function parseYaml(text: string, duplicate?: (problem: string) => void): unknown {
  const lines = new LineCounter();
  const document = firstDocument(text, lines);
  if (!document) return null;
  const error = document.errors[0];
  if (error) throw new Error(`yaml: ${place(lines.linePos(error.pos[0]).line)}${wording[error.code] ?? error.message}`);
  if (duplicate) reportDuplicates(document, (key, at) => duplicate(alreadySet(key, lines.linePos(at).line)));
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (failure) {
    if (failure instanceof ReferenceError) throw failure.message.includes('Excessive') ? excessiveAliasing() : new Error(`yaml: ${failure.message}`);
    throw failure;
  }
  new Unfolded(text).add(value);
  return (hasLongDigits(text) ? withNumbers(value) : value) ?? null;
}

/** With integers that were read exactly as numbers. */
function withNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return numberOfInteger(value);
  if (Array.isArray(value)) return value.map(withNumbers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, withNumbers(field)]));
}

/** go-yaml counts lines from 0, and says nothing of the first. */
const place = (line: number): string => (line > 1 ? `line ${line}: ` : '');

/** What go-yaml says, where one error of the library is one of go-yaml. */
const wording: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'found character that cannot start any token',
  BAD_SCALAR_START: 'found character that cannot start any token',
  BAD_DQ_ESCAPE: 'found unknown escape character',
  BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context',
};

function firstDocument(text: string, lines: LineCounter) {
  const composer = new Composer({
    version: '1.1',
    customTags: readTags,
    intAsBigInt: hasLongDigits(text),
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  for (const document of composer.compose(tokensOf(text, lines))) return document;
  return undefined;
}

/** Deeper than any type of Kubernetes but schemas of CRDs goes, and shallow enough for what composes it, which recurses. */
const MAX_DEPTH = 200;

/** Some 40,000 lines of keys and values: seconds of work. What is larger comes as JSON, which is read a hundred times as fast. */
const MAX_TOKENS = 250_000;

function* tokensOf(text: string, lines: LineCounter): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++count > MAX_TOKENS) throw new Error(`yaml: more than ${MAX_TOKENS} tokens: send it as JSON`);
    yield* parser.next(lexeme);
    if (parser.stack.length > MAX_DEPTH) throw new Error('yaml: exceeded max depth');
  }
  yield* parser.end();
}

/** As many characters as a body may have bytes: an alias may stand for much, and stand often. */
const MAX_UNFOLDED = 3 * 1024 * 1024;

const excessiveAliasing = () => new Error('yaml: document contains excessive aliasing');

/** Measures a value with its aliases unfolded, and ends as soon as it is too much, or has what YAML can say and JSON cannot. */
class Unfolded {
  private size = 0;
  readonly #isLong: boolean;

  /** @param text what it was read of: one as long needs no aliases to be too much. */
  constructor(text: string) {
    this.#isLong = text.length > MAX_UNFOLDED;
  }

  add(value: unknown): void {
    this.size += typeof value === 'string' ? value.length : 1;
    if (this.size > MAX_UNFOLDED) throw this.#isLong ? new Error(`yaml: document is larger than ${MAX_UNFOLDED} characters`) : excessiveAliasing();
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) throw new Error(`json: unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`);
    } else if (Array.isArray(value)) {
      for (const element of value) this.add(element);
    } else if (typeof value === 'object' && value !== null) {
      for (const name of Object.keys(value)) {
        this.add(name);
        this.add((value as Record<string, unknown>)[name]);
      }
    }
  }
}

/** Calls `found` for keys that their maps have already, for 100 of them. The library can do so itself, in a time that grows with the square of the keys. */
function reportDuplicates(document: Document.Parsed, found: (key: string, at: number) => void): void {
  let duplicates = 0;
  visit(document, {
    Map(_key, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value) && duplicates++ < MAX_DUPLICATES) found(String(key.value), key.range![0]);
        seen.add(key.value);
      }
    },
  });
}

const MAX_DUPLICATES = 100;

const alreadySet = (key: string, line: number) => `line ${line}: key ${JSON.stringify(cut(key, 1024))} already set in map`;

/** As JSON has its ends (int64Json). */
const withInt64 = (_key: unknown, value: unknown): unknown =>
  typeof value === 'number' && Math.abs(value) >= 2 ** 63 && isInt64(value) ? int64Of(value) : value;

/** A value as YAML: keys sorted, lists not indented, anything that some YAML 1.1 reader would misread in quotes. */
export const formatYaml = (value: unknown): string =>
  stringify(value, withInt64, {
    version: '1.1',
    customTags: (tags) => [...withDigits(tags), octal],
    sortMapEntries: true,
    indentSeq: false,
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
