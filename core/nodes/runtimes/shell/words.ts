import { BREAKS, type Cursor } from './cursor.ts';
import type { List, Part, Word } from './syntax.ts';

export const NAME = /[A-Za-z_]\w*/y;
const INDEX_BREAKS: ReadonlySet<string> = new Set([']', '']);
const BRACE_BREAKS: ReadonlySet<string> = new Set(['}', '']);

/** What reads the commands that stand in words. */
interface Commands {
  /** From where the words are read, up to the bracket that closes them. */
  list(): List;
  /** All of another text. */
  listOf(cursor: Cursor): List;
}

/** Reads words: text, quotes, variables, and the commands and arithmetic in them (POSIX.1-2024, "Word Expansions"). */
export class Words {
  readonly #cursor: Cursor;
  readonly #commands: Commands;

  constructor(cursor: Cursor, commands: Commands) {
    this.#cursor = cursor;
    this.#commands = commands;
  }

  /** Up to what ends it. */
  word({ breaks = BREAKS }: { breaks?: ReadonlySet<string> } = {}): Word {
    const cursor = this.#cursor;
    const parts: Part[] = [];
    let plain = '';
    const flush = () => {
      if (plain) parts.push({ type: 'text', text: plain, quoted: false });
      plain = '';
    };
    for (;;) {
      const char = cursor.peek();
      if (breaks.has(char)) break;
      if (char === '\\') {
        cursor.at += 2;
        const escaped = cursor.text[cursor.at - 1];
        if (escaped === '\n' || escaped === undefined) continue;
        flush();
        parts.push({ type: 'text', text: escaped, quoted: true });
      } else if (char === "'") {
        flush();
        const end = cursor.text.indexOf("'", cursor.at + 1);
        if (end < 0) cursor.fail();
        parts.push({ type: 'text', text: cursor.text.slice(cursor.at + 1, end), quoted: true });
        cursor.at = end + 1;
      } else if (char === '"') {
        flush();
        cursor.at++;
        const inner = this.quoted('"');
        cursor.expect('"');
        parts.push(...(inner.length > 0 ? inner : [{ type: 'text' as const, text: '', quoted: true }]));
      } else if (char === '$' || char === '`') {
        flush();
        parts.push(this.#dollar(false));
      } else {
        plain += char;
        cursor.at++;
      }
    }
    flush();
    return parts;
  }

  /** What stands in double quotes, or in a here-document. */
  quoted(end: string | undefined): Part[] {
    const cursor = this.#cursor;
    const parts: Part[] = [];
    let plain = '';
    const flush = () => {
      if (plain) parts.push({ type: 'text', text: plain, quoted: true });
      plain = '';
    };
    for (;;) {
      const char = cursor.peek();
      if (char === end || (char === '' && end === undefined)) break;
      if (char === '') cursor.fail();
      if (char === '\\' && /[$`"\\\n]/.test(cursor.text[cursor.at + 1] ?? '')) {
        if (cursor.text[cursor.at + 1] !== '\n') plain += cursor.text[cursor.at + 1];
        cursor.at += 2;
      } else if (char === '$' || char === '`') {
        flush();
        parts.push(this.#dollar(true));
      } else {
        plain += char;
        cursor.at++;
      }
    }
    flush();
    return parts;
  }

  #dollar(quoted: boolean): Part {
    const cursor = this.#cursor;
    return cursor.nested(() => {
      if (cursor.take('`')) {
        const end = cursor.text.indexOf('`', cursor.at);
        if (end < 0) cursor.fail();
        const inner = cursor.within(cursor.text.slice(cursor.at, end).replace(/\\([`\\$])/g, '$1'));
        cursor.at = end + 1;
        return { type: 'command', body: this.#commands.listOf(inner), quoted };
      }
      if (cursor.looking('$((')) {
        cursor.at++;
        return { type: 'arithmetic', text: this.arithmetic(), quoted };
      }
      cursor.expect('$');
      if (cursor.take('(')) {
        const body = this.#commands.list();
        cursor.expect(')');
        return { type: 'command', body, quoted };
      }
      if (cursor.take('{')) return { ...this.#braces(), quoted };
      const name = cursor.match(NAME)?.[0] ?? cursor.match(/[\d?$!#@*-]/y)?.[0];
      return name === undefined ? { type: 'text', text: '$', quoted } : { type: 'variable', name, quoted };
    });
  }

  #braces(): { type: 'variable'; name: string; index?: Word; operator?: string; operand?: Word } {
    const cursor = this.#cursor;
    const length = cursor.peek() === '#' && cursor.text[cursor.at + 1] !== '}';
    if (length) cursor.at++;
    const name = cursor.match(NAME)?.[0] ?? cursor.match(/\d+|[?$!#@*-]/y)?.[0] ?? cursor.fail();
    let index: Word | undefined;
    if (cursor.take('[')) {
      index = this.word({ breaks: INDEX_BREAKS });
      cursor.expect(']');
    }
    const operator = length ? 'length' : cursor.match(/:?[-=?+]|##?|%%?|\/\/?|\^\^?|,,?|:/y)?.[0];
    const operand = operator && !length ? this.word({ breaks: BRACE_BREAKS }) : undefined;
    cursor.expect('}');
    return { type: 'variable', name, ...(index && { index }), ...(operator && { operator }), ...(operand && { operand }) };
  }

  /** The text between `((` and the `))` that ends it. */
  arithmetic(): string {
    const cursor = this.#cursor;
    const start = cursor.at + 2;
    let open = 0;
    for (let i = cursor.at; i < cursor.text.length; i++) {
      if (cursor.text[i] === '(') open++;
      if (cursor.text[i] === ')' && --open === 0) {
        if (cursor.text[i - 1] !== ')') break;
        cursor.at = i + 1;
        return cursor.text.slice(start, i - 1);
      }
    }
    return cursor.fail();
  }
}
