import { codePoints } from '../code-points.ts';
import type { FunctionDeclaration, Implementation } from '../library.ts';
import { expressionOf, searchWork } from '../regular-expression.ts';
import { BOOL, BYTES, INT, listOf, mapOf, parameter, STRING } from '../type.ts';
import { Failure, hasNone, ListValue, MapValue, noSuchOverload, type Result, type Value } from '../value.ts';

const A = parameter('A');
const B = parameter('B');

/** `size` and the functions of strings that every environment has. */
export const strings: readonly FunctionDeclaration[] = [
  {
    name: 'size',
    call: (value: Value): Result => {
      if (typeof value === 'string') return BigInt(codePoints(value));
      if (value instanceof ListValue || value instanceof MapValue) return BigInt(value.size);
      return value instanceof Uint8Array ? BigInt(value.length) : hasNone(value, 'size');
    },
    overloads: [
      { id: 'size_bytes', parameters: [BYTES], result: INT },
      { id: 'bytes_size', member: true, parameters: [BYTES], result: INT },
      { id: 'size_list', parameters: [listOf(A)], result: INT },
      { id: 'list_size', member: true, parameters: [listOf(A)], result: INT },
      { id: 'size_map', parameters: [mapOf(A, B)], result: INT },
      { id: 'map_size', member: true, parameters: [mapOf(A, B)], result: INT },
      { id: 'size_string', parameters: [STRING], result: INT },
      { id: 'string_size', member: true, parameters: [STRING], result: INT },
    ],
  },
  test('contains', 'contains_string', (text, part) => text.includes(part)),
  test('endsWith', 'ends_with_string', (text, end) => text.endsWith(end)),
  test('startsWith', 'starts_with_string', (text, start) => text.startsWith(start)),
  {
    name: 'matches',
    call: (text: Value, pattern: Value): Result => {
      if (typeof text !== 'string') return hasNone(text, 'matches');
      if (typeof pattern !== 'string') return noSuchOverload();
      const expression = expressionOf(pattern);
      return expression instanceof Failure ? expression : expression.test(text);
    },
    cost: { work: searchWork },
    prepare: ([, pattern]) => {
      if (typeof pattern !== 'string') return undefined;
      const expression = expressionOf(pattern);
      if (expression instanceof Failure) return expression;
      return (text: Value) => (typeof text === 'string' ? expression.test(text) : noSuchOverload());
    },
    overloads: [
      { id: 'matches', parameters: [STRING, STRING], result: BOOL },
      { id: 'matches_string', member: true, parameters: [STRING, STRING], result: BOOL },
    ],
  },
];

function test(name: string, id: string, holds: (text: string, part: string) => boolean): FunctionDeclaration {
  const call: Implementation = (text: Value, part: Value) => (typeof text === 'string' && typeof part === 'string' ? holds(text, part) : noSuchOverload());
  return { name, call, overloads: [{ id, member: true, parameters: [STRING, STRING], result: BOOL }] };
}
