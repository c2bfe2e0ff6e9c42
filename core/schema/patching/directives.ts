import { isFields } from '../../kube/fields.ts';

/** The directives: one for a whole object or list element, one for the fields to keep, and two that stand beside a list. */
export const PATCH = '$patch';
export const RETAIN_KEYS = '$retainKeys';
export const DELETE_FROM = '$deleteFromPrimitiveList/';
export const ELEMENT_ORDER = '$setElementOrder/';

/** A value that has nothing to be merged with, without nulls and directives: they have nothing to direct. Undefined when it is a directive itself. */
export const cleaned = (value: unknown): unknown => withoutDirectives(withoutNulls(value));

export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([name, inner]) => [name, withoutNulls(inner)]),
  );
}

function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((element) => element !== undefined);
  if (!isFields(value)) return value;
  if (Object.hasOwn(value, PATCH)) return undefined;
  const entries = Object.entries(value).filter(([name]) => name !== RETAIN_KEYS && !name.startsWith(DELETE_FROM) && !name.startsWith(ELEMENT_ORDER));
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutDirectives(inner)] as const).filter(([, inner]) => inner !== undefined));
}
