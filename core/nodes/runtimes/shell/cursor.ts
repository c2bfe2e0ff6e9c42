/** What a script that cannot be read, or is nested too deeply, is refused with. */
export class ScriptError extends Error {}

const MAX_DEPTH = 40;
/** What ends a word that is not quoted. */
export const BREAKS: ReadonlySet<string> = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')', '']);

/** A place in the text of a script, from which it is read. Throws a ScriptError where the text is another than it must be. */
export class Cursor {
  readonly text: string;
  at = 0;
  #depth: number;

  constructor(text: string, depth = 0) {
    this.text = text;
    this.#depth = depth;
  }

  /** One in a text that stands within this one. */
  within(text: string): Cursor {
    return new Cursor(text, this.#depth);
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  peek(): string {
    return this.text[this.at] ?? '';
  }

  looking(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  /** Takes what a sticky pattern matches here. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text) ?? undefined;
    if (match) this.at += match[0].length;
    return match;
  }

  take(text: string): boolean {
    if (!this.looking(text)) return false;
    this.at += text.length;
    return true;
  }

  isWord(word: string): boolean {
    return this.looking(word) && BREAKS.has(this.text[this.at + word.length] ?? '');
  }

  takeWord(word: string): boolean {
    this.blanks();
    return this.isWord(word) && this.take(word);
  }

  expect(text: string): void {
    if (!this.take(text)) this.fail();
  }

  expectWord(word: string): void {
    if (!this.takeWord(word)) this.fail();
  }

  /** Takes blanks, comments and lines that go on. */
  blanks(): void {
    for (;;) {
      this.match(/[ \t\r]+/y);
      if (this.looking('\\\n')) this.at += 2;
      else if (this.peek() === '#' && (this.at === 0 || /[\s;&|()]/.test(this.text[this.at - 1]!))) this.match(/[^\n]*/y);
      else return;
    }
  }

  nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) this.fail();
    const result = read();
    this.#depth--;
    return result;
  }

  fail(): never {
    throw new ScriptError(`syntax error at ${this.at}`);
  }
}
