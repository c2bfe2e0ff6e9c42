import { harmless } from './terminal.ts';

/** One row of a table: a text for each column. */
export type Row = readonly string[];

interface ColumnOptions {
  /** How wide it may be; as wide as it gets, where it is not told. */
  readonly columns: number | undefined;
  readonly indent?: number;
  /** Of the rows from the second on, how a line is styled. */
  readonly style?: (line: string, row: number) => string;
}

/** Rows in columns, the last of which is wrapped to the terminal. */
export function laidOut(rows: readonly Row[], { columns, indent = 0, style = (line) => line }: ColumnOptions): string[] {
  const clean = rows.map((row) => row.map(harmless));
  const count = Math.max(0, ...clean.map(({ length }) => length));
  const widths = Array.from({ length: Math.max(count - 1, 0) }, (_, i) => Math.max(...clean.map((row) => width(row[i] ?? ''))));
  const before = indent + widths.reduce((sum, each) => sum + each + GAP, 0);
  const room = columns === undefined ? Number.POSITIVE_INFINITY : Math.max(columns - before, NARROWEST);
  return clean.flatMap((row, index) => {
    const head = widths.map((each, i) => `${row[i] ?? ''}${' '.repeat(each - width(row[i] ?? '') + GAP)}`).join('');
    const [first = '', ...others] = wrapped(row[count - 1] ?? '', room);
    return [`${' '.repeat(indent)}${head}${first}`.trimEnd(), ...others.map((line) => `${' '.repeat(before)}${line}`)].map((line) => style(line, index));
  });
}

const GAP = 2;
const NARROWEST = 20;

/** Lines of a text, between its words; a word that is longer than a line is cut. */
export function wrapped(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    let left = word;
    if (line && width(line) + 1 + width(left) > room) {
      lines.push(line);
      line = '';
    }
    while (width(left) > room) {
      lines.push(left.slice(0, room));
      left = left.slice(room);
    }
    line = line ? `${line} ${left}` : left;
  }
  return [...lines, line];
}

const width = (text: string): number => [...text].length;
