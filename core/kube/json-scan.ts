import { fieldPath } from './field-path.ts';

/**
 * Walks a JSON text as Go's encoding/json does, to say where and why it is wrong, and which fields stand twice (at most 100 of them, as Kubernetes does).
 * Returns what is wrong, or undefined. It keeps a stack of its own: the text is the client's, and so is its depth.
 */
export function scan(text: string, told: Told): string | undefined {
  const scanner = new Scanner(text, told);
  try {
    scanner.document();
    return undefined;
  } catch (error) {
    if (error instanceof Malformed) return error.message;
    throw error;
  }
}

interface Told {
  /** The path of a field that stands in its object already: `spec.replicas`. */
  readonly duplicate?: (path: string) => void;
  /** The path of every field, in their order. */
  readonly field?: (path: string) => void;
}

const MAX_DUPLICATES = 100;

class Malformed extends Error {}

/** What comes next: a value, a key, or what may follow a value. */
type Step = 'value' | 'key' | 'after' | 'end';

/** An object: the fields seen, and the one being read. */
type ObjectFrame = { fields: Set<string>; field: string };

/** An array: the index being read. */
type Frame = ObjectFrame | { index: number };

class Scanner {
  private at = 0;
  private readonly frames: Frame[] = [];
  private readonly text: string;
  private readonly told: Told;
  private duplicates = 0;

  constructor(text: string, told: Told) {
    this.text = text;
    this.told = told;
  }

  document(): void {
    let next: Step = 'value';
    while (next !== 'end') next = this[next]();
    this.space();
    if (this.at < this.text.length) this.fail('after top-level value');
  }

  /** One scalar, or the opening of an object or array. */
  value(): Step {
    this.space();
    const c = this.peek();
    if (c === '{') return this.open({ fields: new Set(), field: '' }, '}', 'key');
    if (c === '[') return this.open({ index: 0 }, ']', 'value');
    if (c === '"') this.string();
    else if (c === '-' || isDigit(c)) this.number();
    else if (c === 't') this.literal('true');
    else if (c === 'f') this.literal('false');
    else if (c === 'n') this.literal('null');
    else this.fail('looking for beginning of value');
    return 'after';
  }

  key(): Step {
    this.space();
    if (this.peek() !== '"') this.fail('looking for beginning of object key string');
    const from = this.at;
    this.string();
    this.name(this.frames.at(-1) as ObjectFrame, from);
    this.space();
    if (this.peek() !== ':') this.fail('after object key');
    this.at++;
    return 'value';
  }

  after(): Step {
    const frame = this.frames.at(-1);
    if (!frame) return 'end';
    this.space();
    const c = this.peek();
    const array = 'index' in frame;
    if (c === (array ? ']' : '}')) return this.close();
    if (c !== ',') this.fail(array ? 'after array element' : 'after object key:value pair');
    this.at++;
    if (!array) return 'key';
    frame.index++;
    return 'value';
  }

  private open(frame: Frame, end: string, first: Step): Step {
    this.at++;
    this.frames.push(frame);
    this.space();
    return this.peek() === end ? this.close() : first;
  }

  private close(): Step {
    this.at++;
    this.frames.pop();
    return 'after';
  }

  private name(frame: ObjectFrame, from: number): void {
    const { duplicate, field } = this.told;
    if (!duplicate && !field) return;
    frame.field = JSON.parse(this.text.slice(from, this.at));
    field?.(this.path());
    if (duplicate && frame.fields.has(frame.field) && this.duplicates++ < MAX_DUPLICATES) duplicate(this.path());
    frame.fields.add(frame.field);
  }

  private path(): string {
    return fieldPath(this.frames.map((frame) => ('index' in frame ? frame.index : frame.field)));
  }

  private string(): void {
    this.at++;
    for (;;) {
      const c = this.next('in string literal');
      if (c === '"') return;
      if (c < ' ') this.back('in string literal');
      if (c !== '\\') continue;
      const escaped = this.next('in string escape code');
      if (escaped === 'u') for (let i = 0; i < 4; i++) this.hex();
      else if (!'"\\/bfnrt'.includes(escaped)) this.back('in string escape code');
    }
  }

  private hex(): void {
    if (!/[0-9a-fA-F]/.test(this.next('in \\u hexadecimal character escape'))) this.back('in \\u hexadecimal character escape');
  }

  private number(): void {
    if (this.peek() === '-') {
      this.at++;
      if (!isDigit(this.peek())) this.fail('in numeric literal');
    }
    if (this.peek() === '0') this.at++;
    else this.digits();
    if (this.peek() === '.') {
      this.at++;
      if (!isDigit(this.peek())) this.fail('after decimal point in numeric literal');
      this.digits();
    }
    if (this.peek() === 'e' || this.peek() === 'E') {
      this.at++;
      if (this.peek() === '+' || this.peek() === '-') this.at++;
      if (!isDigit(this.peek())) this.fail('in exponent of numeric literal');
      this.digits();
    }
  }

  private digits(): void {
    while (isDigit(this.peek())) this.at++;
  }

  private literal(word: string): void {
    this.at++;
    for (const expected of word.slice(1)) {
      if (this.peek() !== expected) this.fail(`in literal ${word} (expecting ${quote(expected)})`);
      this.at++;
    }
  }

  private space(): void {
    while (this.at < this.text.length && ' \t\r\n'.includes(this.text[this.at]!)) this.at++;
  }

  private peek(): string {
    return this.text[this.at] ?? '';
  }

  private next(context: string): string {
    if (this.at >= this.text.length) this.fail(context);
    return this.text[this.at++]!;
  }

  private back(context: string): never {
    this.at--;
    this.fail(context);
  }

  private fail(context: string): never {
    // Inside a number or a literal Go tells the end of the text by a space that it adds.
    const c = this.peek() || (/^(in literal|in numeric|after decimal|in exponent)/.test(context) ? ' ' : '');
    throw new Malformed(c === '' ? 'unexpected end of JSON input' : `invalid character ${quote(c)} ${context}`);
  }
}

const isDigit = (c: string): boolean => c >= '0' && c <= '9' && c.length === 1;

const escapes: Readonly<Record<string, string>> = {
  "'": "'\\''",
  '"': `'"'`,
  '\n': "'\\n'",
  '\r': "'\\r'",
  '\t': "'\\t'",
  '\b': "'\\b'",
  '\f': "'\\f'",
  '\v': "'\\v'",
  '\\': "'\\\\'",
  '\u0007': "'\\a'",
};

/** A character as Go's quoteChar prints it. Go looks at bytes: of what is not ASCII it sees the first byte of its UTF-8. */
function quote(c: string): string {
  if (escapes[c]) return escapes[c];
  const byte = new TextEncoder().encode(c)[0]!;
  if (byte < 0x20 || byte === 0x7f) return `'\\x${byte.toString(16).padStart(2, '0')}'`;
  return byte < 0x80 ? `'${c}'` : byte < 0xa1 || byte === 0xad ? `'\\u00${byte.toString(16)}'` : `'${String.fromCharCode(byte)}'`;
}
