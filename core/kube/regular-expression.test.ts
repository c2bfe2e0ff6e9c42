import { describe, expect, it } from 'vitest';
import { type RegularExpression, regularExpression } from './regular-expression.ts';

const sizeOf = (pattern: string) => (regularExpression(pattern) as RegularExpression).size;
const problemOf = (pattern: string) => (regularExpression(pattern) as { problem: string }).problem;

describe('a regular expression', () => {
  it.each([
    ['a+b', 'xaab', true],
    ['^a{2,3}$', 'aaaa', false],
    ['(?P<n>a)|(?P<n>b)', 'b', true],
    ['[(?P<n>]', '<', true],
    ['^.{1000}$', 'x'.repeat(1000), true],
    ['a\\{1000}', 'a{1000}', true],
    ['^[]{5}]{3}$', '{5]', true],
  ])('%s', (pattern, text, found) => expect((regularExpression(pattern) as RegularExpression).test(text)).toBe(found));

  it.each([
    ['(', 'error parsing regexp: missing closing ): `(`'],
    ['a{1001}', 'error parsing regexp: invalid repeat count: `{1001}`'],
    ['(a{100}){100}', 'error parsing regexp: invalid repeat count: `{100}`'],
    ['a{1000}(', 'error parsing regexp: missing closing ): `a{1000}(`'],
    ['a{1000}'.repeat(11), `error parsing regexp: expression too large: \`${'a{1000}'.repeat(11)}\``],
  ])('%s: is none', (pattern, problem) => expect(problemOf(pattern)).toBe(problem));

  it.each([
    ['a{100}', 100],
    ['(ab|c{20}){3,50}', 50 * 22],
    ['((a{10}){10}){10}', 1000],
    ['[a-z]{0,63}(\\.[a-z]{1,63}){2}', 63 + 2 * 64],
    ['(a{2}b){3}', 9],
    ['a{5,}b', 6],
    ['\\d{30}\\{', 31],
  ])('%s: is no shorter than with its repetitions written out', (pattern, length) => expect(sizeOf(pattern)).toBeGreaterThanOrEqual(length));
});
