import { BREAKS, Cursor } from './cursor.ts';
import type { AndOr, Assignment, Command, List, Part, Pipeline, Plain, Redirection, Word } from './syntax.ts';
import { NAME, Words } from './words.ts';

/** Reads a script. Throws a ScriptError. */
export const parse = (text: string): List => new Parser(new Cursor(text)).script();

const ASSIGNMENT = /([A-Za-z_]\w*)(\+?)=/y;
const REDIRECTION = /(\d*)(<<<|<<-?|>>|>&|<&|&>>|&>|>\||<>|>|<)/y;
const TEST_BREAKS: ReadonlySet<string> = new Set([' ', '\t', '\n', ';', '']);
const RESERVED = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}']);

class Parser {
  readonly #cursor: Cursor;
  readonly #words: Words;
  /** Here-documents whose text begins after the line. */
  #pending: { end: string; literal: boolean; fill: (word: Word) => void }[] = [];

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
    this.#words = new Words(cursor, { list: () => this.#list([]), listOf: (inner) => new Parser(inner).#list([]) });
  }

  script(): List {
    const list = this.#list([]);
    this.#cursor.blanks();
    if (!this.#cursor.atEnd) this.#cursor.fail();
    return list;
  }

  /** Commands up to one of these words, which is not taken. */
  #list(ends: readonly string[]): List {
    return this.#cursor.nested(() => {
      const list: AndOr[] = [];
      for (;;) {
        this.#separators();
        if (this.#cursor.atEnd || this.#cursor.peek() === ')' || this.#cursor.looking(';;') || ends.some((end) => this.#cursor.isWord(end))) return list;
        list.push(this.#andOr());
      }
    });
  }

  #andOr(): AndOr {
    const pipelines = [this.#pipeline()];
    const joins: ('&&' | '||')[] = [];
    for (;;) {
      this.#cursor.blanks();
      const join = this.#cursor.looking('&&') ? '&&' : this.#cursor.looking('||') ? '||' : undefined;
      if (!join) break;
      this.#cursor.at += 2;
      this.#separators({ newlinesOnly: true });
      joins.push(join);
      pipelines.push(this.#pipeline());
    }
    const background = this.#cursor.peek() === '&' && !this.#cursor.looking('&&');
    if (background) this.#cursor.at++;
    return { pipelines, joins, background };
  }

  #pipeline(): Pipeline {
    this.#cursor.blanks();
    let negated = false;
    while (this.#cursor.isWord('!')) {
      this.#cursor.at++;
      negated = !negated;
      this.#cursor.blanks();
    }
    const commands = [this.#command()];
    for (;;) {
      this.#cursor.blanks();
      if (this.#cursor.peek() !== '|' || this.#cursor.looking('||')) return { negated, commands };
      this.#cursor.at += this.#cursor.looking('|&') ? 2 : 1;
      this.#separators({ newlinesOnly: true });
      commands.push(this.#command());
    }
  }

  #command(): Command {
    return this.#cursor.nested(() => {
      this.#cursor.blanks();
      const compound = this.#compound();
      if (!compound) return this.#simple();
      const redirections: Redirection[] = [];
      for (let next = this.#redirection(); next; next = this.#redirection()) redirections.push(next);
      return { ...compound, redirections };
    });
  }

  #compound(): Plain | undefined {
    if (this.#cursor.looking('((')) return { type: 'arithmetic', text: this.#words.arithmetic() };
    if (this.#cursor.take('(')) {
      const body = this.#list([]);
      this.#cursor.expect(')');
      return { type: 'subshell', body };
    }
    if (this.#cursor.takeWord('{')) return { type: 'group', body: this.#until('}') };
    if (this.#cursor.takeWord('if')) return this.#if();
    if (this.#cursor.takeWord('while')) return { type: 'loop', until: false, condition: this.#until('do'), body: this.#until('done') };
    if (this.#cursor.takeWord('until')) return { type: 'loop', until: true, condition: this.#until('do'), body: this.#until('done') };
    if (this.#cursor.takeWord('for')) return this.#for();
    if (this.#cursor.takeWord('case')) return this.#case();
    if (this.#cursor.takeWord('[[')) return this.#test();
    return this.#function();
  }

  #if(): Plain {
    const branches = [{ condition: this.#until('then'), body: this.#list(['elif', 'else', 'fi']) }];
    while (this.#cursor.takeWord('elif')) branches.push({ condition: this.#until('then'), body: this.#list(['elif', 'else', 'fi']) });
    const otherwise = this.#cursor.takeWord('else') ? this.#list(['fi']) : [];
    this.#cursor.expectWord('fi');
    return { type: 'if', branches, otherwise };
  }

  #for(): Plain {
    this.#cursor.blanks();
    if (this.#cursor.looking('((')) {
      const [start = '', condition = '', step = ''] = this.#words.arithmetic().split(';');
      this.#separators();
      return { type: 'count', start, condition, step, body: this.#doneBody() };
    }
    const name = this.#cursor.match(NAME)?.[0] ?? this.#cursor.fail();
    this.#separators({ newlinesOnly: true });
    let words: Word[] | undefined;
    if (this.#cursor.takeWord('in')) {
      words = [];
      for (this.#cursor.blanks(); !BREAKS.has(this.#cursor.peek()); this.#cursor.blanks()) words.push(this.#words.word());
    }
    this.#separators();
    return { type: 'for', name, words, body: this.#doneBody() };
  }

  #doneBody(): List {
    this.#cursor.expectWord('do');
    return this.#until('done');
  }

  #case(): Plain {
    this.#cursor.blanks();
    const word = this.#words.word();
    this.#separators();
    this.#cursor.expectWord('in');
    const arms: { patterns: Word[]; body: List }[] = [];
    for (this.#separators(); !this.#cursor.takeWord('esac'); this.#separators()) {
      this.#cursor.take('(');
      const patterns: Word[] = [];
      do {
        this.#cursor.blanks();
        patterns.push(this.#words.word());
        this.#cursor.blanks();
      } while (this.#cursor.take('|'));
      this.#cursor.expect(')');
      const body = this.#list(['esac']);
      if (this.#cursor.looking(';;')) this.#cursor.at += 2;
      arms.push({ patterns, body });
    }
    return { type: 'case', word, arms };
  }

  #test(): Plain {
    const words: Word[] = [];
    for (;;) {
      this.#separators({ newlinesOnly: true });
      if (this.#cursor.takeWord(']]')) return { type: 'test', words };
      const operator = ['&&', '||', '(', ')', '<', '>'].find((each) => this.#cursor.looking(each));
      if (operator) {
        this.#cursor.at += operator.length;
        words.push([{ type: 'text', text: operator, quoted: false }]);
      } else if (BREAKS.has(this.#cursor.peek()) && this.#cursor.peek() !== '|') this.#cursor.fail();
      // The right side of `=~` has its own rules: up to the next blank it is a pattern.
      else words.push(this.#words.word({ breaks: TEST_BREAKS }));
    }
  }

  #function(): Plain | undefined {
    const keyword = this.#cursor.takeWord('function');
    const before = this.#cursor.at;
    this.#cursor.blanks();
    const name = this.#cursor.match(/[\w-]+/y)?.[0];
    this.#cursor.blanks();
    if (name && this.#cursor.take('(')) {
      this.#cursor.blanks();
      this.#cursor.expect(')');
    } else if (!keyword || !name) {
      this.#cursor.at = before;
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
      this.#cursor.blanks();
      const redirection = this.#redirection();
      if (redirection) {
        redirections.push(redirection);
        continue;
      }
      const assignment = words.length === 0 ? this.#cursor.match(ASSIGNMENT) : undefined;
      if (assignment) assignments.push({ name: assignment[1]!, appends: assignment[2] === '+', values: this.#value() });
      else if (BREAKS.has(this.#cursor.peek())) break;
      else words.push(this.#words.word());
    }
    if (assignments.length + words.length + redirections.length === 0) this.#cursor.fail();
    const [first] = words;
    if (first?.length === 1 && first[0]!.type === 'text' && !first[0]!.quoted && RESERVED.has(first[0]!.text)) this.#cursor.fail();
    return { type: 'simple', assignments, words, redirections };
  }

  #value(): Word | Word[] {
    if (!this.#cursor.take('(')) return BREAKS.has(this.#cursor.peek()) ? [] : this.#words.word();
    const values: Word[] = [];
    for (this.#separators({ newlinesOnly: true }); !this.#cursor.take(')'); this.#separators({ newlinesOnly: true })) {
      if (BREAKS.has(this.#cursor.peek())) this.#cursor.fail();
      values.push(this.#words.word());
    }
    return values;
  }

  #redirection(): Redirection | undefined {
    this.#cursor.blanks();
    const match = this.#cursor.match(REDIRECTION);
    if (!match) return undefined;
    const [, digits, operator] = match;
    this.#cursor.blanks();
    if (operator!.startsWith('<<') && operator !== '<<<') return this.#hereDocument();
    const target = this.#cursor.peek() === '-' || !BREAKS.has(this.#cursor.peek()) ? this.#words.word() : this.#cursor.fail();
    const kind = operator === '>|' || operator === '&>' ? '>' : operator === '&>>' ? '>>' : operator === '<>' ? '<' : operator === '<&' ? '>&' : operator;
    return { from: digits ? Number(digits) : operator!.startsWith('<') ? 0 : 1, operator: kind as Redirection['operator'], target };
  }

  #hereDocument(): Redirection {
    const start = this.#cursor.at;
    const word = this.#words.word();
    const end = word.map((part) => (part.type === 'text' ? part.text : '')).join('');
    const target: Part[] = [];
    const literal = /['"\\]/.test(this.#cursor.text.slice(start, this.#cursor.at));
    this.#pending.push({ end, literal, fill: (parts) => target.push(...parts) });
    return { from: 0, operator: '<<', target };
  }

  #readHereDocuments(): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const { end, literal, fill } of pending) {
      const lines: string[] = [];
      while (!this.#cursor.atEnd) {
        const stop = this.#cursor.text.indexOf('\n', this.#cursor.at);
        const line = this.#cursor.text.slice(this.#cursor.at, stop < 0 ? undefined : stop);
        this.#cursor.at = stop < 0 ? this.#cursor.text.length : stop + 1;
        if (line.trim() === end) break;
        lines.push(`${line}\n`);
      }
      const text = lines.join('');
      fill(literal ? [{ type: 'text', text, quoted: true }] : new Parser(this.#cursor.within(text)).#words.quoted(undefined));
    }
  }

  #until(end: string): List {
    const list = this.#list([end]);
    this.#cursor.expectWord(end);
    return list;
  }

  #separators({ newlinesOnly = false } = {}): void {
    for (;;) {
      this.#cursor.blanks();
      if (this.#cursor.take('\n')) this.#readHereDocuments();
      else if (newlinesOnly || this.#cursor.looking(';;') || !this.#cursor.take(';')) return;
    }
  }
}
