import { describe, expect, it } from 'vitest';
import { standardMacros } from './macros.ts';
import { parse } from './parser.ts';
import { Source } from './source.ts';

const check = ({ source, want }: { source: string; want: readonly string[] }) => {
  const text = new Source(source);
  const parsed = parse(text, { macros: standardMacros, optional: true });
  const issues =
    'issues' in parsed
      ? text
          .display(parsed.issues)
          .split('\n')
          .filter((line) => line.startsWith('ERROR'))
      : [];
  expect(issues.map((line) => line.replace('ERROR: <input>:', ''))).toEqual(want);
};

const EXPRESSION = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/** As Kubernetes 1.36 answers; test/cel has more. */
describe('what is wrong with a text', () => {
  it.each([
    { name: 'the end is missing', source: '1 +', want: [`1:4: Syntax error: mismatched input '<EOF>' expecting ${EXPRESSION}`] },
    { name: 'a parenthesis is missing', source: '(1', want: ["1:3: Syntax error: missing ')' at '<EOF>'"] },
    { name: 'no field is selected', source: 'object.data. == 1', want: ["1:14: Syntax error: no viable alternative at input '. =='"] },
    { name: 'a word is too much', source: 'a b', want: ["1:3: Syntax error: extraneous input 'b' expecting <EOF>"] },
    {
      name: 'characters belong to no token',
      source: '*@a | b',
      want: [
        `1:1: Syntax error: extraneous input '*' expecting ${EXPRESSION}`,
        "1:2: Syntax error: token recognition error at: '@'",
        "1:5: Syntax error: token recognition error at: '| '",
        "1:7: Syntax error: extraneous input 'b' expecting <EOF>",
      ],
    },
    { name: 'a keyword is selected', source: 'a.true', want: ["1:3: Syntax error: mismatched input 'true' expecting IDENTIFIER"] },
    { name: 'a list has a hole', source: '[1,,2]', want: ["1:4: Syntax error: mismatched input ',' expecting ']'"] },
    { name: 'an operator has no left side', source: '&& true', want: [`1:1: Syntax error: extraneous input '&&' expecting ${EXPRESSION}`] },
    { name: 'a name is reserved', source: 'a + for', want: ['1:5: reserved identifier: for'] },
    { name: 'names with backticks are not for Kubernetes', source: 'a.`b-c`', want: ["1:3: unsupported syntax: '`'"] },
    { name: 'has() is of no field', source: 'has(a)', want: ['1:5: invalid argument to has() macro'] },
    { name: 'a macro has no variable', source: '[1].all(1, true)', want: ['1:9: argument must be a simple name'] },
    { name: 'nothing is there', source: '', want: [`1:0: Syntax error: mismatched input '<EOF>' expecting ${EXPRESSION}`] },
  ])('$name', check);

  it('is shown below the line that it is in, with wide marks for wide characters', () => {
    const source = new Source("'é' +\n  'ß' @");
    const parsed = parse(source, { macros: [], optional: false });
    expect('issues' in parsed && source.display(parsed.issues)).toBe(
      "ERROR: <input>:2:7: Syntax error: token recognition error at: '@'\n |   'ß' @\n | ...．..^",
    );
  });
});
