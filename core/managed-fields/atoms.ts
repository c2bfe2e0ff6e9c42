import { type Fields, isFields } from '../kube/fields.ts';
import type { ListType, MapType, MergeType } from './merge-type.ts';

/** What a type does to a value, by what the value is (sigs.k8s.io/structured-merge-diff, typed/helpers.go). */
export interface Atoms<T> {
  scalar(type: NonNullable<MergeType['scalar']>): T;
  list(type: ListType): T;
  map(type: MapType): T;
}

/** The one of a type's forms that a value has; of a null, or of what the type does not allow, the first that it has. */
export function handle<T>(type: MergeType, value: unknown, atoms: Atoms<T>): T {
  const form = formOf(type, value);
  if (form === 'map') return atoms.map(type.map!);
  return form === 'scalar' ? atoms.scalar(type.scalar!) : atoms.list(type.list!);
}

export function formOf({ scalar, list, map }: MergeType, value: unknown): 'map' | 'scalar' | 'list' {
  if (value !== null && value !== undefined) {
    if (Array.isArray(value)) {
      if (list) return 'list';
    } else if (typeof value === 'object') {
      if (map) return 'map';
    } else if (scalar) return 'scalar';
  }
  return map ? 'map' : scalar ? 'scalar' : 'list';
}

/** Whether a value leaves open which form of a type it has. */
export const isOpen = ({ scalar, list, map }: MergeType, value: unknown): boolean =>
  (value === null || value === undefined) && Number(scalar !== undefined) + Number(list !== undefined) + Number(map !== undefined) > 1;

export const asList = (value: unknown): readonly unknown[] | undefined => (Array.isArray(value) ? value : undefined);

export const asMap = (value: unknown): Fields | undefined => (isFields(value) ? value : undefined);

/** Whether a map has nothing in it. */
export function isEmptyMap(map: Fields): boolean {
  for (const name in map) if (map[name] !== undefined) return false;
  return true;
}
