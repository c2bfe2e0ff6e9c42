import { codePoints } from './code-points.ts';

/** What is wrong with an expression, and where: lines count from 1, columns (of code points) from 0; both are -1 where it is nowhere in particular. */
export interface Issue {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** The text of an expression. Offsets are of JavaScript's strings; what users are told counts code points. */
export class Source {
  readonly text: string;
  /** Where lines begin. */
  readonly #lines: readonly number[];
  /** The place that was last asked for. Most are asked for one after the other, and some texts are one long line. */
  #last = { line: 0, offset: 0, column: 0 };

  constructor(text: string) {
    this.text = text;
    const lines = [0];
    for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) lines.push(i + 1);
    this.#lines = lines;
  }

  /** An issue at an offset; -1: nowhere in particular. */
  issue(offset: number, message: string): Issue {
    if (offset < 0) return { message, line: -1, column: -1 };
    // In a text of nothing, there is no column.
    if (this.text === '') return { message, line: 1, column: -1 };
    let low = 0;
    let high = this.#lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#lines[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { message, line: low + 1, column: this.#columnOf(offset, low) };
  }

  #columnOf(offset: number, line: number): number {
    const from = this.#last.line === line && this.#last.offset <= offset ? this.#last : { offset: this.#lines[line]!, column: 0 };
    const column = from.column + codePoints(this.text.slice(from.offset, offset));
    this.#last = { line, offset, column };
    return column;
  }

  /** As cel-go shows them, each with its line and a caret under the column (common/errors.go, `ToDisplayString`). */
  display(issues: readonly Issue[]): string {
    const sorted = [...issues].sort((a, b) => a.line - b.line || a.column - b.column);
    const shown = sorted.slice(0, MAX_ISSUES).map((issue) => this.#displayOne(issue));
    if (sorted.length > MAX_ISSUES) shown.push(`${sorted.length - MAX_ISSUES} more errors were truncated`);
    return shown.join('\n');
  }

  #displayOne({ message, line, column }: Issue): string {
    const head = `ERROR: <input>:${line}:${column + 1}: ${message}`;
    const text = this.#line(line);
    if (text === undefined || (text.length > MAX_SNIPPET / 4 && new TextEncoder().encode(text).length > MAX_SNIPPET)) return head;
    const characters = [...text.slice(0, 2 * (column + 1))];
    const dots = characters.slice(0, Math.max(0, column)).map((c) => (wide(c) ? '．' : '.'));
    const at = characters[column];
    return `${head}\n | ${text.replaceAll('\t', ' ')}\n | ${dots.join('')}${at !== undefined && wide(at) ? '＾' : '^'}`;
  }

  #line(line: number): string | undefined {
    const start = this.#lines[line - 1];
    if (start === undefined || this.text === '') return undefined;
    const next = this.#lines[line];
    return this.text.slice(start, next === undefined ? undefined : next - 1);
  }
}

const MAX_ISSUES = 100;

/** Of a line that is shown, in bytes. */
const MAX_SNIPPET = 16_384;

/** Takes more than one byte in UTF-8: its marker is one of full width. */
const wide = (character: string) => character > '\x7f';
