import { add, divide, modulo, multiply, negate, subtract } from '../arithmetic.ts';
import { compare, hasOrder } from '../comparison.ts';
import { contains, equal } from '../equality.ts';
import type { FunctionDeclaration, Implementation, Overload } from '../library.ts';
import { ADD, AND, CONDITIONAL, EQUALS, IN, INDEX, NEGATE, NOT, NOT_EQUALS, NOT_STRICTLY_FALSE, OR } from '../operator-names.ts';
import { BOOL, BYTES, DOUBLE, DURATION, INT, listOf, mapOf, parameter, STRING, TIMESTAMP, type Type, UINT } from '../type.ts';
import { Failure, hasNone, noSuchOverload, type Result, type Value } from '../value.ts';

const A = parameter('A');
const B = parameter('B');

/** The operators (common/stdlib/standard.go of cel-go). `&&`, `||`, `?:`, `[]` are no calls when they are evaluated (`plan.ts`); they are declared for the checker. */
export const operators: readonly FunctionDeclaration[] = [
  declared(CONDITIONAL, undefined, { conditional: [BOOL, A, A, A] }),
  declared(AND, undefined, { logical_and: [BOOL, BOOL, BOOL] }),
  declared(OR, undefined, { logical_or: [BOOL, BOOL, BOOL] }),
  declared(NOT, (value: Value) => (typeof value === 'boolean' ? !value : noSuchOverload()), { logical_not: [BOOL, BOOL] }),
  {
    name: NOT_STRICTLY_FALSE,
    overloads: [
      { id: 'not_strictly_false', parameters: [BOOL], result: BOOL, nonStrict: true, call: (value: Result) => (typeof value === 'boolean' ? value : true) },
    ],
  },
  declared(EQUALS, equal, { equals: [A, A, BOOL] }),
  declared(NOT_EQUALS, (a: Value, b: Value) => equal(a, b) !== true, { not_equals: [A, A, BOOL] }),
  declared(ADD, add, {
    add_bytes: [BYTES, BYTES, BYTES],
    add_double: [DOUBLE, DOUBLE, DOUBLE],
    add_duration_duration: [DURATION, DURATION, DURATION],
    add_duration_timestamp: [DURATION, TIMESTAMP, TIMESTAMP],
    add_timestamp_duration: [TIMESTAMP, DURATION, TIMESTAMP],
    add_int64: [INT, INT, INT],
    add_list: [listOf(A), listOf(A), listOf(A)],
    add_string: [STRING, STRING, STRING],
    add_uint64: [UINT, UINT, UINT],
  }),
  declared('_/_', divide, { divide_double: [DOUBLE, DOUBLE, DOUBLE], divide_int64: [INT, INT, INT], divide_uint64: [UINT, UINT, UINT] }),
  declared('_%_', modulo, { modulo_int64: [INT, INT, INT], modulo_uint64: [UINT, UINT, UINT] }),
  declared('_*_', multiply, { multiply_double: [DOUBLE, DOUBLE, DOUBLE], multiply_int64: [INT, INT, INT], multiply_uint64: [UINT, UINT, UINT] }),
  declared(NEGATE, negate, { negate_double: [DOUBLE, DOUBLE], negate_int64: [INT, INT] }),
  declared('_-_', subtract, {
    subtract_double: [DOUBLE, DOUBLE, DOUBLE],
    subtract_duration_duration: [DURATION, DURATION, DURATION],
    subtract_int64: [INT, INT, INT],
    subtract_timestamp_duration: [TIMESTAMP, DURATION, TIMESTAMP],
    subtract_timestamp_timestamp: [TIMESTAMP, TIMESTAMP, DURATION],
    subtract_uint64: [UINT, UINT, UINT],
  }),
  ordering('_<_', 'less', (order) => order < 0),
  ordering('_<=_', 'less_equals', (order) => order <= 0),
  ordering('_>_', 'greater', (order) => order > 0),
  ordering('_>=_', 'greater_equals', (order) => order >= 0),
  declared(INDEX, undefined, { index_list: [listOf(A), INT, A], index_map: [mapOf(A, B), A, B] }),
  declared(IN, (value: Value, container: Value) => contains(container, value), { in_list: [A, listOf(A), BOOL], in_map: [A, mapOf(A, B), BOOL] }),
];

/** Overloads by their ids: parameters, and the result last. */
function declared(name: string, call: Implementation | undefined, overloads: Readonly<Record<string, readonly Type[]>>): FunctionDeclaration {
  return { name, call, overloads: Object.entries(overloads).map(([id, types]): Overload => ({ id, parameters: types.slice(0, -1), result: types.at(-1)! })) };
}

/** Numbers of all types have one order. */
function ordering(name: string, id: string, holds: (order: number) => boolean): FunctionDeclaration {
  const call = (a: Value, b: Value): Result => {
    if (!hasOrder(a)) return hasNone(a, name);
    const order = compare(a, b);
    return order instanceof Failure ? order : holds(order);
  };
  const numbers: readonly [string, Type][] = [
    ['int64', INT],
    ['uint64', UINT],
    ['double', DOUBLE],
  ];
  const overloads: Record<string, Type[]> = { [`${id}_bool`]: [BOOL, BOOL, BOOL] };
  for (const [a, typeA] of numbers) {
    overloads[`${id}_${a}`] = [typeA, typeA, BOOL];
    for (const [b, typeB] of numbers) if (a !== b) overloads[`${id}_${a}_${b}`] = [typeA, typeB, BOOL];
  }
  for (const type of [STRING, BYTES]) overloads[`${id}_${type.name}`] = [type, type, BOOL];
  for (const type of [TIMESTAMP, DURATION]) overloads[`${id}_${type.kind}`] = [type, type, BOOL];
  return declared(name, call, overloads);
}
