import type { CallCost, FunctionDeclaration, Library } from '../library.ts';
import { ONE, plus, scaled, times } from '../range.ts';
import { sizeOf } from '../size.ts';
import { BOOL, listOf, parameter } from '../type.ts';
import { Failure, type ListValue } from '../value.ts';
import { Membership } from './membership.ts';

const T_LIST = listOf(parameter('T'));

/** Each element of one compared with each of the other, so many times. */
const crossComparison = (rounds: number): CallCost => ({
  actual: ({ args: [a, b] }) => 1 + sizeOf(a!) * sizeOf(b!) * rounds,
  estimate: ({ args: [a, b] }) => ({ cost: plus(scaled(times(a!.size, b!.size), rounds), ONE) }),
});

const ofTwoLists = (name: string, rounds: number, call: (a: ListValue, b: ListValue) => boolean | Failure): FunctionDeclaration => ({
  name: `sets.${name}`,
  overloads: [{ id: `list_sets_${name}_list`, parameters: [T_LIST, T_LIST], result: BOOL, call }],
  cost: crossComparison(rounds),
});

/** `sets.contains(list, list)`: lists as sets (cel-go's ext/sets.go). */
export const setsLibrary: Library = {
  name: 'cel.lib.ext.sets',
  functions: [
    ofTwoLists('contains', 1, contains),
    ofTwoLists('equivalent', 2, (a, b) => {
      const first = contains(a, b);
      return first === true ? contains(b, a) : first;
    }),
    ofTwoLists('intersects', 1, (a, b) => {
      const elements = new Membership(b);
      return [...a].some((value) => elements.has(value));
    }),
  ],
};

/** An element that is not what its schema says is the answer, unless it is not needed. */
function contains(list: ListValue, part: ListValue): boolean | Failure {
  const elements = new Membership(list);
  for (const value of part) {
    if (value instanceof Failure) return value;
    if (!elements.has(value)) return elements.failure ?? false;
  }
  return true;
}
