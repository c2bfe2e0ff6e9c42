import { quoted } from '../../kube/validation/field.ts';

/** Sets of completion indexes as text: `1,3-5,7` (validateIndexesFormat in pkg/apis/batch/validation). */

/** What is wrong with such a text, in the words of Kubernetes. */
export class IndexesError extends Error {}

/** How many indexes a text names. Throws IndexesError when it is malformed, unordered, or names an index that is not below `completions`. */
export const countIndexes = (text: string, completions: number): number =>
  parseIndexes(text, completions).reduce((sum, [first, last]) => sum + last - first + 1, 0);

/** The intervals of a text, in order. Throws IndexesError. */
export function parseIndexes(text: string, completions: number): [first: number, last: number][] {
  if (!text) return [];
  const intervals: [number, number][] = [];
  for (const part of text.split(',')) {
    const interval = parseInterval(part, completions);
    const previous = intervals.at(-1);
    if (previous && previous[1] >= interval[0]) throw new IndexesError(`non-increasing order, previous: ${previous[1]}, current: ${interval[0]}`);
    intervals.push(interval);
  }
  return intervals;
}

function parseInterval(text: string, completions: number): [number, number] {
  const limits = text.split('-');
  if (limits.length > 2)
    throw new IndexesError(`the fragment ${quoted(text)} violates the requirement that an index interval can have at most two parts separated by '-'`);
  const [first, last] = limits.map((limit) => {
    if (!/^\+?\d+$/.test(limit)) throw new IndexesError(`cannot convert string to integer for index: ${quoted(limit)}`);
    const index = Number(limit);
    if (index >= completions) throw new IndexesError(`too large index: ${quoted(limit)}`);
    return index;
  });
  if (last === undefined) return [first!, first!];
  if (first! >= last) throw new IndexesError(`non-increasing order, previous: ${first}, current: ${last}`);
  return [first!, last];
}
