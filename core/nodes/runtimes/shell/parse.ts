import type { AndOr, Assignment, Command, List, Part, Pipeline, Plain, Redirection, Word } from './syntax.ts';

/** What a script that cannot be read, or is nested too deeply, is refused with. */
export class ScriptError extends Error {}

/** Reads a script. Throws a ScriptError. */
export function parse(text: string): List {
  const parser = new Parser(text);
  const list = parser.list([]);
  parser.expectEnd();
  return list;
}

const MAX_DEPTH = 40;
const NAME = /[A-Za-z_]\w*/y;
const ASSIGNMENT = /([A-Za-z_]\w*)(\+?)=/y;
const REDIRECTION = /(\d*)(<<<|<<-?|>>|>&|<&|&>>|&>|>\||<>|>|<)/y;
/** What ends a word that is not quoted. */
const BREAKS = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')', '']);
const RESERVED = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}']);

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  /** Here-documents whose text begins after the line. */
  #pending: { end: string; literal: boolean; fill: (word: Word) => void }[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  expectEnd(): void {
    this.#blanks();
    if (this.#at < this.#text.length) this.#fail();
  }

  /** Commands up to one of these words, which is not taken. */
  list(ends: readonly string[]): List {
    return this.#nested(() => {
      const list: AndOr[] = [];
      for (;;) {
        this.#separators();
        if (this.#at >= this.#text.length || this.#peek() === ')' || this.#looking(';;') || ends.some((end) => this.#isWord(end))) return list;
        list.push(this.#andOr());
      }
    });
  }

  #andOr(): AndOr {
    const pipelines = [this.#pipeline()];
    const joins: ('&&' | '||')[] = [];
    for (;;) {
      this.#blanks();
      const join = this.#looking('&&') ? '&&' : this.#looking('||') ? '||' : undefined;
      if (!join) break;
      this.#at += 2;
      this.#separators({ newlinesOnly: true });
      joins.push(join);
      pipelines.push(this.#pipeline());
    }
    const background = this.#peek() === '&' && !this.#looking('&&');
    if (background) this.#at++;
    return { pipelines, joins, background };
  }

  #pipeline(): Pipeline {
    this.#blanks();
    let negated = false;
    while (this.#isWord('!')) {
      this.#at++;
      negated = !negated;
      this.#blanks();
    }
    const commands = [this.#command()];
    for (;;) {
      this.#blanks();
      if (this.#peek() !== '|' || this.#looking('||')) return { negated, commands };
      this.#at += this.#looking('|&') ? 2 : 1;
      this.#separators({ newlinesOnly: true });
      commands.push(this.#command());
    }
  }

  #command(): Command {
    return this.#nested(() => {
      this.#blanks();
      const compound = this.#compound();
      if (!compound) return this.#simple();
      const redirections: Redirection[] = [];
      for (let next = this.#redirection(); next; next = this.#redirection()) redirections.push(next);
      return { ...compound, redirections };
    });
  }

  #compound(): Plain | undefined {
    if (this.#looking('((')) return { type: 'arithmetic', text: this.#arithmetic() };
    if (this.#take('(')) {
      const body = this.list([]);
      this.#expect(')');
      return { type: 'subshell', body };
    }
    if (this.#takeWord('{')) return { type: 'group', body: this.#until('}') };
    if (this.#takeWord('if')) return this.#if();
    if (this.#takeWord('while')) return { type: 'loop', until: false, condition: this.#until('do'), body: this.#until('done') };
    if (this.#takeWord('until')) return { type: 'loop', until: true, condition: this.#until('do'), body: this.#until('done') };
    if (this.#takeWord('for')) return this.#for();
    if (this.#takeWord('case')) return this.#case();
    if (this.#takeWord('[[')) return this.#test();
    return this.#function();
  }

  #if(): Plain {
    const branches = [{ condition: this.#until('then'), body: this.list(['elif', 'else', 'fi']) }];
    while (this.#takeWord('elif')) branches.push({ condition: this.#until('then'), body: this.list(['elif', 'else', 'fi']) });
    const otherwise = this.#takeWord('else') ? this.list(['fi']) : [];
    this.#expectWord('fi');
    return { type: 'if', branches, otherwise };
  }

  #for(): Plain {
    this.#blanks();
    if (this.#looking('((')) {
      const [start = '', condition = '', step = ''] = this.#arithmetic().split(';');
      this.#separators();
      return { type: 'count', start, condition, step, body: this.#doneBody() };
    }
    const name = this.#match(NAME)?.[0] ?? this.#fail();
    this.#separators({ newlinesOnly: true });
    let words: Word[] | undefined;
    if (this.#takeWord('in')) {
      words = [];
      for (this.#blanks(); !BREAKS.has(this.#peek()); this.#blanks()) words.push(this.#word());
    }
    this.#separators();
    return { type: 'for', name, words, body: this.#doneBody() };
  }

  #doneBody(): List {
    this.#expectWord('do');
    return this.#until('done');
  }

  #case(): Plain {
    this.#blanks();
    const word = this.#word();
    this.#separators();
    this.#expectWord('in');
    const arms: { patterns: Word[]; body: List }[] = [];
    for (this.#separators(); !this.#takeWord('esac'); this.#separators()) {
      this.#take('(');
      const patterns: Word[] = [];
      do {
        this.#blanks();
        patterns.push(this.#word());
        this.#blanks();
      } while (this.#take('|'));
      this.#expect(')');
      const body = this.list(['esac']);
      if (this.#looking(';;')) this.#at += 2;
      arms.push({ patterns, body });
    }
    return { type: 'case', word, arms };
  }

  #test(): Plain {
    const words: Word[] = [];
    for (;;) {
      this.#separators({ newlinesOnly: true });
      if (this.#takeWord(']]')) return { type: 'test', words };
      const operator = ['&&', '||', '(', ')', '<', '>'].find((each) => this.#looking(each));
      if (operator) {
        this.#at += operator.length;
        words.push([{ type: 'text', text: operator, quoted: false }]);
      } else if (BREAKS.has(this.#peek()) && this.#peek() !== '|') this.#fail();
      // The right side of `=~` has its own rules: up to the next blank it is a pattern.
      else words.push(this.#word({ breaks: TEST_BREAKS }));
    }
  }

  #function(): Plain | undefined {
    const keyword = this.#takeWord('function');
    const before = this.#at;
    this.#blanks();
    const name = this.#match(/[\w-]+/y)?.[0];
    this.#blanks();
    if (name && this.#take('(')) {
      this.#blanks();
      this.#expect(')');
    } else if (!keyword || !name) {
      this.#at = before;
      return undefined;
    }
    this.#separators({ newlinesOnly: true });
    return { type: 'function', name, body: this.#command() };
  }

  #simple(): Command {
    const assignments: Assignment[] = [];
    const words: Word[] = [];
    const redirections: Redirection[] = [];
    for (;;) {
      this.#blanks();
      const redirection = this.#redirection();
      if (redirection) {
        redirections.push(redirection);
        continue;
      }
      const assignment = words.length === 0 ? this.#match(ASSIGNMENT) : undefined;
      if (assignment) assignments.push({ name: assignment[1]!, appends: assignment[2] === '+', values: this.#value() });
      else if (BREAKS.has(this.#peek())) break;
      else words.push(this.#word());
    }
    if (assignments.length + words.length + redirections.length === 0) this.#fail();
    const [first] = words;
    if (first?.length === 1 && first[0]!.type === 'text' && !first[0]!.quoted && RESERVED.has(first[0]!.text)) this.#fail();
    return { type: 'simple', assignments, words, redirections };
  }

  #value(): Word | Word[] {
    if (!this.#take('(')) return BREAKS.has(this.#peek()) ? [] : this.#word();
    const values: Word[] = [];
    for (this.#separators({ newlinesOnly: true }); !this.#take(')'); this.#separators({ newlinesOnly: true })) {
      if (BREAKS.has(this.#peek())) this.#fail();
      values.push(this.#word());
    }
    return values;
  }

  #redirection(): Redirection | undefined {
    this.#blanks();
    const match = this.#match(REDIRECTION);
    if (!match) return undefined;
    const [, digits, operator] = match;
    this.#blanks();
    if (operator!.startsWith('<<') && operator !== '<<<') return this.#hereDocument();
    const target = this.#peek() === '-' || !BREAKS.has(this.#peek()) ? this.#word() : this.#fail();
    const kind = operator === '>|' || operator === '&>' ? '>' : operator === '&>>' ? '>>' : operator === '<>' ? '<' : operator === '<&' ? '>&' : operator;
    return { from: digits ? Number(digits) : operator!.startsWith('<') ? 0 : 1, operator: kind as Redirection['operator'], target };
  }

  #hereDocument(): Redirection {
    const start = this.#at;
    const word = this.#word();
    const end = word.map((part) => (part.type === 'text' ? part.text : '')).join('');
    const target: Part[] = [];
    const literal = /['"\\]/.test(this.#text.slice(start, this.#at));
    this.#pending.push({ end, literal, fill: (parts) => target.push(...parts) });
    return { from: 0, operator: '<<', target };
  }

  #readHereDocuments(): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const { end, literal, fill } of pending) {
      const lines: string[] = [];
      while (this.#at < this.#text.length) {
        const stop = this.#text.indexOf('\n', this.#at);
        const line = this.#text.slice(this.#at, stop < 0 ? undefined : stop);
        this.#at = stop < 0 ? this.#text.length : stop + 1;
        if (line.trim() === end) break;
        lines.push(`${line}\n`);
      }
      const text = lines.join('');
      fill(literal ? [{ type: 'text', text, quoted: true }] : new Parser(text).#quoted(undefined));
    }
  }

  #word({ breaks = BREAKS }: { breaks?: ReadonlySet<string> } = {}): Word {
    const parts: Part[] = [];
    let plain = '';
    const flush = () => {
      if (plain) parts.push({ type: 'text', text: plain, quoted: false });
      plain = '';
    };
    for (;;) {
      const char = this.#peek();
      if (breaks.has(char)) break;
      if (char === '\\') {
        this.#at += 2;
        const escaped = this.#text[this.#at - 1];
        if (escaped === '\n' || escaped === undefined) continue;
        flush();
        parts.push({ type: 'text', text: escaped, quoted: true });
      } else if (char === "'") {
        flush();
        const end = this.#text.indexOf("'", this.#at + 1);
        if (end < 0) this.#fail();
        parts.push({ type: 'text', text: this.#text.slice(this.#at + 1, end), quoted: true });
        this.#at = end + 1;
      } else if (char === '"') {
        flush();
        this.#at++;
        const inner = this.#quoted('"');
        this.#expect('"');
        parts.push(...(inner.length > 0 ? inner : [{ type: 'text' as const, text: '', quoted: true }]));
      } else if (char === '$' || char === '`') {
        flush();
        parts.push(this.#dollar(false));
      } else {
        plain += char;
        this.#at++;
      }
    }
    flush();
    return parts;
  }

  /** What stands in double quotes, or in a here-document. */
  #quoted(end: string | undefined): Part[] {
    const parts: Part[] = [];
    let plain = '';
    const flush = () => {
      if (plain) parts.push({ type: 'text', text: plain, quoted: true });
      plain = '';
    };
    for (;;) {
      const char = this.#peek();
      if (char === end || (char === '' && end === undefined)) break;
      if (char === '') this.#fail();
      if (char === '\\' && /[$`"\\\n]/.test(this.#text[this.#at + 1] ?? '')) {
        if (this.#text[this.#at + 1] !== '\n') plain += this.#text[this.#at + 1];
        this.#at += 2;
      } else if (char === '$' || char === '`') {
        flush();
        parts.push(this.#dollar(true));
      } else {
        plain += char;
        this.#at++;
      }
    }
    flush();
    return parts;
  }

  #dollar(quoted: boolean): Part {
    return this.#nested(() => {
      if (this.#take('`')) {
        const end = this.#text.indexOf('`', this.#at);
        if (end < 0) this.#fail();
        const inner = new Parser(this.#text.slice(this.#at, end).replace(/\\([`\\$])/g, '$1'));
        inner.#depth = this.#depth;
        this.#at = end + 1;
        return { type: 'command', body: inner.list([]), quoted };
      }
      if (this.#looking('$((')) {
        this.#at++;
        return { type: 'arithmetic', text: this.#arithmetic(), quoted };
      }
      this.#expect('$');
      if (this.#take('(')) {
        const body = this.list([]);
        this.#expect(')');
        return { type: 'command', body, quoted };
      }
      if (this.#take('{')) return { ...this.#braces(), quoted };
      const name = this.#match(NAME)?.[0] ?? this.#match(/[\d?$!#@*-]/y)?.[0];
      return name === undefined ? { type: 'text', text: '$', quoted } : { type: 'variable', name, quoted };
    });
  }

  #braces(): { type: 'variable'; name: string; index?: Word; operator?: string; operand?: Word } {
    const length = this.#peek() === '#' && this.#text[this.#at + 1] !== '}';
    if (length) this.#at++;
    const name = this.#match(NAME)?.[0] ?? this.#match(/\d+|[?$!#@*-]/y)?.[0] ?? this.#fail();
    let index: Word | undefined;
    if (this.#take('[')) {
      index = this.#word({ breaks: INDEX_BREAKS });
      this.#expect(']');
    }
    const operator = length ? 'length' : this.#match(/:?[-=?+]|##?|%%?|\/\/?|\^\^?|,,?|:/y)?.[0];
    const operand = operator && !length ? this.#word({ breaks: BRACE_BREAKS }) : undefined;
    this.#expect('}');
    return { type: 'variable', name, ...(index && { index }), ...(operator && { operator }), ...(operand && { operand }) };
  }

  /** The text between `((` and the `))` that ends it. */
  #arithmetic(): string {
    const start = this.#at + 2;
    let open = 0;
    for (let i = this.#at; i < this.#text.length; i++) {
      if (this.#text[i] === '(') open++;
      if (this.#text[i] === ')' && --open === 0) {
        if (this.#text[i - 1] !== ')') break;
        this.#at = i + 1;
        return this.#text.slice(start, i - 1);
      }
    }
    return this.#fail();
  }

  #until(end: string): List {
    const list = this.list([end]);
    this.#expectWord(end);
    return list;
  }

  #blanks(): void {
    for (;;) {
      this.#match(/[ \t\r]+/y);
      if (this.#looking('\\\n')) this.#at += 2;
      else if (this.#peek() === '#' && (this.#at === 0 || /[\s;&|()]/.test(this.#text[this.#at - 1]!))) this.#match(/[^\n]*/y);
      else return;
    }
  }

  #separators({ newlinesOnly = false } = {}): void {
    for (;;) {
      this.#blanks();
      if (this.#take('\n')) this.#readHereDocuments();
      else if (newlinesOnly || this.#looking(';;') || !this.#take(';')) return;
    }
  }

  #peek = (): string => this.#text[this.#at] ?? '';
  #looking = (text: string): boolean => this.#text.startsWith(text, this.#at);

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text) ?? undefined;
    if (match) this.#at += match[0].length;
    return match;
  }

  #take(text: string): boolean {
    if (!this.#looking(text)) return false;
    this.#at += text.length;
    return true;
  }

  #isWord = (word: string): boolean => this.#looking(word) && BREAKS.has(this.#text[this.#at + word.length] ?? '');

  #takeWord(word: string): boolean {
    this.#blanks();
    return this.#isWord(word) && this.#take(word);
  }

  #expect(text: string): void {
    if (!this.#take(text)) this.#fail();
  }

  #expectWord(word: string): void {
    if (!this.#takeWord(word)) this.#fail();
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) this.#fail();
    const result = read();
    this.#depth--;
    return result;
  }

  #fail(): never {
    throw new ScriptError(`syntax error at ${this.#at}`);
  }
}

const TEST_BREAKS = new Set([' ', '\t', '\n', ';', '']);
const INDEX_BREAKS = new Set([']', '']);
const BRACE_BREAKS = new Set(['}', '']);
