import { expect, it } from 'vitest';
import { compile, type Evaluation } from '../compile.ts';
import { environment } from '../environment.ts';
import { jsonValue } from '../json-value.ts';
import { listOf, STRING } from '../type.ts';
import { kubernetesLibraries } from './kubernetes.ts';

/** As much as fits into a request. */
const text = 'a'.repeat(3_000_000);
const texts = jsonValue(Array.from({ length: 300_000 }, () => 'x'));

/** A list that holds one list twice, which does so too: as many leaves as 2 to the power of the depth, and next to no memory. */
const nested = (depth: number) => `[[0, 0]]${'.map(x, [x, x])'.repeat(depth)}`;
const empty = (depth: number) => `[[]]${'.map(x, [x, x])'.repeat(depth)}`;

it.each([
  { given: 'a text put between the characters of one', expression: `text.replace('', text)` },
  { given: 'a text for each character of one', expression: `text.replace('a', text)` },
  { given: 'a text between the elements of a list', expression: 'texts.join(text)' },
  { given: 'a text many times in one', expression: `'${'%s'.repeat(100)}'.format([${Array(100).fill('text').join(', ')}])` },
  { given: 'the leaves of a list', expression: `${nested(60)}.flatten(100)` },
  { given: 'a list without any', expression: `${empty(60)}.flatten(100)` },
  { given: 'the text of a list', expression: `'%s'.format([${nested(60)}])` },
  { given: 'the order of a list', expression: `dyn(${empty(60)}).isSorted()` },
  { given: 'whether two lists are equal', expression: `${nested(60)} == ${nested(60)}` },
  { given: 'whether a list is in another', expression: `${nested(60)} in [${nested(60)}]` },
  { given: 'the lists that differ', expression: `[${nested(60)}, ${nested(60)}].distinct()` },
  { given: 'all numbers', expression: 'lists.range(9223372036854775807)' },
])('an evaluation ends when more would come out than could be gone on with: $given', ({ expression }) => {
  expect(evaluate(expression)).toMatchObject({ error: 'operation cancelled: actual cost limit exceeded', exceeded: 'perCallLimit' });
});

it.each([
  { expression: `text.replace('a', 'bb').size()`, want: 6_000_000n },
  { expression: `texts.join('ab').size()`, want: 899_998n },
  { expression: `[texts].flatten().size()`, want: 300_000n },
])('and what a request can hold is worked with: $expression', ({ expression, want }) => {
  expect(evaluate(expression)).toMatchObject({ value: want });
});

function evaluate(expression: string): Evaluation {
  const compiled = compile(expression, environment({ variables: { text: STRING, texts: listOf(STRING) }, libraries: kubernetesLibraries }));
  if ('issues' in compiled) throw new Error(compiled.message);
  return compiled.program.evaluate({ text, texts }, { perCallLimit: 10_000_000 });
}
