import type { CallCost, CallEstimate, Operand, Range } from '../library.ts';
import { exactly, LIST_CREATION, plus, STRING_TRAVERSAL, scaled, times, UNBOUNDED } from '../range.ts';
import { sizeOf } from '../size.ts';
import { ListValue, type Result } from '../value.ts';

/** A list is made of as many elements as come out. */
export const outputOf = (estimate: (target: Operand | undefined, args: readonly Operand[]) => Range): CallCost => ({
  actual: ({ result }) => building(1, sizeOf(result)),
  estimate: ({ target, args }) => estimated(1, estimate(target, args)),
});

/** Each element taken as often as there are levels to flatten. */
export const FLATTENING: CallCost = {
  actual: ({ args: [list, depth] }) => building(typeof depth === 'bigint' ? Number(depth) : 1, sizeOf(list!)),
  estimate: ({ target, args: [depth] }) => target && estimated(depth ? Number(integerOf(depth) ?? UNBOUNDED) : 1, target.size),
};

/**
 * Each element compared with each other one, of the list that is the argument of this number: the receiver is 0. Kubernetes does not count it where the run decides which
 * overload is called.
 */
export const selfComparison = (of: 0 | 1): CallCost => ({
  actual: ({ args, overload }) => (overload === '' ? undefined : comparing(args[of]!)),
  estimate: ({ target, args, overload }) => {
    const list = of === 0 ? target : args[0];
    const factor = /^list_(string|bytes)_/.test(overload) ? 2 + STRING_TRAVERSAL : 2;
    return list && estimated(factor, times(list.size, list.size));
  },
});

/** The value of a literal, none below zero; undefined: it is no literal. */
export function integerOf({ literal }: Operand): bigint | undefined {
  if (typeof literal !== 'bigint') return undefined;
  return literal < 0n ? 0n : literal;
}

function comparing(list: Result): number {
  const first = list instanceof ListValue && list.size > 0 ? list.at(0) : undefined;
  const size = sizeOf(list);
  return building(typeof first === 'string' || first instanceof Uint8Array ? 2 + STRING_TRAVERSAL : 2, size * size);
}

const building = (factor: number, size: number): number => Math.trunc(size * factor) + 1 + LIST_CREATION;

const estimated = (factor: number, size: Range): CallEstimate => ({ cost: plus(scaled(size, factor), exactly(1 + LIST_CREATION)), resultSize: size });
