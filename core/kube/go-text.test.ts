import { expect, it } from 'vitest';
import { goText } from './go-text.ts';

it.each([
  [null, '<nil>'],
  ['a', 'a'],
  [1.5, '1.5'],
  [1e300, '1e+300'],
  [0.00001, '1e-05'],
  [{ b: [1, { a: null }], a: true }, 'map[a:true b:[1 map[a:<nil>]]]'],
  [{ toString: { toString: 1 } }, 'map[toString:map[toString:1]]'],
])('%j', (value, text) => expect(goText(value)).toBe(text));
