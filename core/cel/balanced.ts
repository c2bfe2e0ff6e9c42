import type { Expression } from './syntax.ts';

/** A tree of one operator over its terms that is as flat as can be, so that long chains are not deep (parser/helper.go of cel-go, `balancedTree`). */
export function balanced(
  terms: readonly Expression[],
  ids: readonly number[],
  join: (id: number, left: Expression, right: Expression) => Expression,
  low = 0,
  high = ids.length - 1,
): Expression {
  const middle = (low + high + 1) >> 1;
  const left = middle === low ? terms[middle]! : balanced(terms, ids, join, low, middle - 1);
  const right = middle === high ? terms[middle + 1]! : balanced(terms, ids, join, middle + 1, high);
  return join(ids[middle]!, left, right);
}
