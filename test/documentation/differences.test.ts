import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

/** Which tests hold the statements of docs/differences.md (differences.yaml). Those of recorded answers are held by test/truth/otherwise.test.ts. */

interface Entry {
  /** The first words of the statement, as they stand on the page. */
  readonly statement: string;
  /** Each with its file and its title, or that of its row where a table has several, as the file writes it. */
  readonly tests?: readonly { readonly file: string; readonly title: string }[];
  /** Why no test makes sense. */
  readonly none?: string;
}

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

const entries = parse(read('test/documentation/differences.yaml')) as readonly Entry[];

const [own = ''] = read('docs/differences.md').split('\n## Recorded answers that are not followed\n');
/** Rows of tables without their heads, and the points of lists. */
const statements = own.split('\n').flatMap((line) => {
  const [, row] = /^\| (.*?)(?<!\\) \| /.exec(line) ?? [];
  if (row !== undefined) return row.startsWith('what a client ') ? [] : [row];
  return line.startsWith('- ') ? [line.slice(2)] : [];
});

it('each statement of docs/differences.md has one entry in test/documentation/differences.yaml: name there the tests that hold a new one', () => {
  const counted = statements.map((statement) => ({ statement, entries: entries.filter((entry) => statement.startsWith(entry.statement)).length }));
  expect(counted.filter(({ entries }) => entries !== 1)).toEqual([]);
});

it('each entry is one of a statement of the page: change its first words with those of the page, or remove it', () => {
  const counted = entries.map((entry) => ({ entry: entry.statement, statements: statements.filter((one) => one.startsWith(entry.statement)).length }));
  expect(counted.filter(({ statements }) => statements !== 1)).toEqual([]);
});

it('each entry names tests, or says why there is none', () => {
  expect(entries.filter(({ tests = [], none = '' }) => tests.length > 0 === none.length > 0)).toEqual([]);
});

describe.each(entries.filter(({ tests }) => tests))('$statement', ({ tests }) => {
  it.each(tests!)('is held in $file by "$title": where that has another title or place now, differences.yaml has to say so', ({ file, title }) => {
    expect(existsSync(path.join(root, file)), `${file} is there`).toBe(true);
    expect(titled(read(file), title), `${file} has a test or a row with the title "${title}"`).toBe(true);
  });
});

/** That a text has the title as a string, or as what a row of documented pages says. */
function titled(text: string, title: string): boolean {
  const quoted = [`'${title.replaceAll("'", "\\'")}'`, `"${title.replaceAll('"', '\\"')}"`, `\`${title}\``, `what: ${title}\n`];
  return quoted.some((form) => text.includes(form));
}
