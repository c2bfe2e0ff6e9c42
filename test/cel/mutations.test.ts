import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { compile } from '../../core/cel/compile.ts';
import { environment } from '../../core/cel/environment.ts';
import { jsonValue } from '../../core/cel/json-value.ts';
import { kubernetesLibraries } from '../../core/cel/libraries/kubernetes.ts';
import { DYN } from '../../core/cel/type.ts';
import { seededEnv } from '../../core/testing/env.ts';

const CASES = new URL('./cases/', import.meta.url);
const sources = readdirSync(CASES).flatMap((file) => readFileSync(new URL(file, CASES), 'utf8').split('\n'));
const expressions = sources.filter((line) => line && !line.startsWith('//') && line.length < 200);

const bits = [
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '.',
  ',',
  '?',
  ':',
  '-',
  '!',
  '&&',
  '||',
  '==',
  'in',
  'true',
  'null',
  '1u',
  "'",
  '"',
  '`',
  '\\',
  '@',
  '0x',
  '.?',
  '[?',
  '{',
  '🌍',
];

const anything = environment({ variables: { self: DYN, object: DYN, any: DYN, s: DYN, i: DYN }, libraries: kubernetesLibraries });

it('answers every text with a value, an error or issues, in steps and bytes that are bounded', () => {
  const { random } = seededEnv({ seed: 7 });
  const upTo = (n: number) => Math.floor(random.next() * n);
  const value = jsonValue({ a: [1, 'x', { b: null }], b: 1.5, c: { d: 'e' } });
  let refused = 0;
  for (const expression of expressions) {
    const at = upTo(expression.length + 1);
    const mutated = upTo(2)
      ? expression.slice(0, at) + bits[upTo(bits.length)] + expression.slice(at)
      : expression.slice(0, at) + expression.slice(at + 1 + upTo(3));
    const compiled = compile(mutated, anything);
    if ('issues' in compiled) {
      refused++;
      expect(compiled.message.length).toBeLessThan(50_000);
      continue;
    }
    const { cost } = compiled.program.evaluate({ self: value, object: value, any: value, s: value, i: value });
    expect(cost).toBeLessThan(30_000_000);
    expect(compiled.estimate().max).toBeGreaterThanOrEqual(0n);
  }
  expect(refused).toBeGreaterThan(expressions.length / 4);
});
