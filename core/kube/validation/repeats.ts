/** The indexes of the elements of a list that have the key of one before them. Found in one pass: a list may be thousands long, and all of it repeats. */
export function repeats<T>(list: readonly T[], keyOf: (element: T) => unknown): ReadonlySet<number> {
  const seen = new Set<unknown>();
  const repeated = new Set<number>();
  for (const [i, element] of list.entries()) {
    const key = keyOf(element);
    if (seen.has(key)) repeated.add(i);
    else seen.add(key);
  }
  return repeated;
}
