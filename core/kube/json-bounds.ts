import { requestTooLarge } from './status.ts';

/**
 * The deepest nesting that is taken in: whatever walks objects later may then recurse. Go stops at 10,000, where its stacks grow; no type of Kubernetes gets to
 * 50 by itself, and the deepest schemas of custom resources not to 100.
 */
export const MAX_DEPTH = 400;

/** The longest list: as many elements as Kubernetes takes operations in a JSON patch. Lists are merged by keys and searched for repeated elements. */
const MAX_LIST = 10_000;

/** Throws 413 RequestEntityTooLarge when a list anywhere in a value is too long. The value is no deeper than MAX_DEPTH. */
export function checkLists(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) for (const name of Object.keys(value)) checkLists((value as Record<string, unknown>)[name]);
  else if (value.length > MAX_LIST) throw requestTooLarge(`a list of ${value.length} elements is too long: the limit is ${MAX_LIST}`);
  else for (const element of value) checkLists(element);
}

/** Whether a value is nested deeper than this. */
export function deeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) if (deeperThan(inner, depth - 1)) return true;
  return false;
}
