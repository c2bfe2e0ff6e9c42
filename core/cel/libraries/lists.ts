import { add } from '../arithmetic.ts';
import { compare, hasOrder } from '../comparison.ts';
import { equal } from '../equality.ts';
import type { CallCost, FunctionDeclaration, Library } from '../library.ts';
import { ONE, plus, STRING_TRAVERSAL, scaled, times } from '../range.ts';
import { BOOL, BYTES, DOUBLE, DURATION, INT, listOf, parameter, STRING, TIMESTAMP, type Type, UINT } from '../type.ts';
import { Duration, Failure, ListValue, MapValue, noSuchOverload, type Result, Uint, type Value } from '../value.ts';
import { boundElements } from './bounds.ts';

/** What has an order, by the names that overloads go by. */
export const orderedTypes: Readonly<Record<string, Type>> = {
  int: INT,
  uint: UINT,
  double: DOUBLE,
  bool: BOOL,
  duration: DURATION,
  timestamp: TIMESTAMP,
  string: STRING,
  bytes: BYTES,
};

const zeros: Readonly<Record<string, { readonly type: Type; readonly zero: Value }>> = {
  int: { type: INT, zero: 0n },
  uint: { type: UINT, zero: new Uint(0n) },
  double: { type: DOUBLE, zero: 0 },
  duration: { type: DURATION, zero: new Duration(0n) },
};

/** Looks at all that the receiver consists of, down to the characters of its texts. */
export const WHOLE_TRAVERSAL: CallCost = {
  actual: ({ args }) => sizeOfWhole(args[0]!),
  estimate: ({ target }) => {
    if (!target) return undefined;
    const element = target.elements();
    if (!element) return { cost: scaled(target.size, STRING_TRAVERSAL) };
    const { kind } = element.type;
    return { cost: times(target.size, kind === 'string' || kind === 'bytes' ? plus(ONE, scaled(element.size, STRING_TRAVERSAL)) : ONE) };
  },
};

const A = parameter('A');

/** `list.sum()`, `list.indexOf(element)` (k8s.io/apiserver/pkg/cel/library/lists.go). */
export const listsLibrary: Library = {
  name: 'kubernetes.lists',
  functions: [
    {
      name: 'isSorted',
      overloads: Object.entries(orderedTypes).map(([name, type]) => ({
        id: `list_${name}_is_sorted_bool`,
        member: true,
        parameters: [listOf(type)],
        result: BOOL,
        call: isSorted,
      })),
      cost: WHOLE_TRAVERSAL,
    },
    {
      name: 'sum',
      overloads: Object.entries(zeros).map(([name, { type, zero }]) => ({
        id: `list_${name}_sum_${name}`,
        member: true,
        parameters: [listOf(type)],
        result: type,
        call: (list: ListValue) => sum(list, zero),
      })),
      cost: WHOLE_TRAVERSAL,
    },
    extreme('max', (order) => order < 0),
    extreme('min', (order) => order > 0),
    {
      name: 'indexOf',
      overloads: [{ id: 'list_a_index_of_int', member: true, parameters: [listOf(A), A], result: INT, call: indexOf }],
      cost: WHOLE_TRAVERSAL,
    },
    {
      name: 'lastIndexOf',
      overloads: [{ id: 'list_a_last_index_of_int', member: true, parameters: [listOf(A), A], result: INT, call: lastIndexOf }],
      cost: WHOLE_TRAVERSAL,
    },
  ],
};

/** The element that no later one is preferred to. */
function extreme(name: 'max' | 'min', isBetter: (order: number) => boolean): FunctionDeclaration {
  const call = (list: ListValue): Result => {
    let best: Value | undefined;
    for (const element of list) {
      const ordered = withOrder(element);
      if (ordered instanceof Failure) return ordered;
      const order = best === undefined ? undefined : compare(best, ordered);
      // What cannot be compared, NaN or another type, is passed over.
      if (order === undefined || (typeof order === 'number' && isBetter(order))) best = ordered;
    }
    return best === undefined ? new Failure(`${name} called on empty list`) : best;
  };
  return {
    name,
    overloads: Object.entries(orderedTypes).map(([of, type]) => ({
      id: `list_${of}_${name}_${of}`,
      member: true,
      parameters: [listOf(type)],
      result: type,
      call,
    })),
    cost: WHOLE_TRAVERSAL,
  };
}

function isSorted(list: ListValue): boolean | Failure {
  let previous: Value | undefined;
  for (const element of list) {
    const ordered = withOrder(element);
    if (ordered instanceof Failure) return ordered;
    const order = previous === undefined ? 0 : compare(previous, ordered);
    if (typeof order === 'number' && order > 0) return false;
    previous = ordered;
  }
  return true;
}

function sum(list: ListValue, zero: Value): Result {
  let total = zero;
  for (const element of list) {
    const next = element instanceof Failure ? element : add(total, element);
    if (next instanceof Failure) return next;
    total = next;
  }
  return total;
}

function indexOf(list: ListValue, element: Value): bigint {
  for (let i = 0; i < list.size; i++) if (isEqual(list.at(i), element)) return BigInt(i);
  return -1n;
}

function lastIndexOf(list: ListValue, element: Value): bigint {
  for (let i = list.size - 1; i >= 0; i--) if (isEqual(list.at(i), element)) return BigInt(i);
  return -1n;
}

const isEqual = (a: Result, b: Value): boolean => !(a instanceof Failure) && equal(a, b) === true;

const withOrder = (element: Result): Result => (element instanceof Failure || hasOrder(element) ? element : noSuchOverload());

/** The leaves of it; of texts and bytes a tenth of their length. */
function sizeOfWhole(whole: Result): number {
  let seen = 0;
  const sizeOf = (value: Result): number => {
    boundElements(++seen);
    if (typeof value === 'string') return Math.floor(Buffer.byteLength(value) * STRING_TRAVERSAL);
    if (value instanceof Uint8Array) return Math.floor(value.length * STRING_TRAVERSAL);
    let size = 0;
    if (value instanceof ListValue) for (const element of value) size += sizeOf(element);
    else if (value instanceof MapValue) for (const key of value.keys()) size += sizeOf(key) + sizeOf(value.find(key)!);
    else return 1;
    return size;
  };
  return sizeOf(whole);
}
