import type { FieldError } from '../../kube/status.ts';
import { duplicate, tooMany } from '../../kube/validation/field.ts';
import { repeats } from '../../kube/validation/repeats.ts';

/** Checks of lists and maps (validateSlice, validateSet and validateMap): of one that is too long nothing else is said. */

type Check<T> = (element: T, path: string) => FieldError[];

export const boundedList = <T>(list: readonly T[] = [], max: number, check: Check<T>, path: string): FieldError[] =>
  list.length > max ? [tooMany(path, list.length, max)] : list.flatMap((element, i) => check(element, `${path}[${i}]`));

/** A list whose elements have keys of their own: a second use is reported of the element. */
export function boundedSet<T>(list: readonly T[] = [], max: number, check: Check<T>, path: string, keyOf: (element: T) => string): FieldError[] {
  if (list.length > max) return [tooMany(path, list.length, max)];
  const repeated = repeats(list, keyOf);
  return [...boundedList(list, max, check, path), ...[...repeated].map((i) => duplicate(`${path}[${i}]`, keyOf(list[i]!)))];
}

/** What is wrong with a key is reported of the whole map. */
export function boundedMap<T>(
  map: Readonly<Record<string, T>> = {},
  max: number,
  { key, value }: { key: Check<string>; value: Check<T> },
  path: string,
): FieldError[] {
  const entries = Object.entries(map);
  if (entries.length > max) return [tooMany(path, entries.length, max)];
  return entries.flatMap(([name, element]) => [...key(name, path), ...value(element, `${path}[${truncated(name)}]`)]);
}

/** The longest key that is valid: a domain, a slash and an identifier. */
const MAX_KEY = 63 + 1 + 32;

const truncated = (key: string): string => (key.length <= MAX_KEY ? key : `${key.slice(0, (MAX_KEY - 2) / 2)}...${key.slice(-Math.floor((MAX_KEY - 3) / 2))}`);
