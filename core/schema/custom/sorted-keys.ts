import { put } from '../../kube/fields.ts';

/** The same value with the keys of all objects in their order, as Go writes its maps. */
export function sortedKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sortedKeys);
  const out: Record<string, unknown> = {};
  for (const name of Object.keys(value).sort()) put(out, name, sortedKeys((value as Record<string, unknown>)[name]));
  return out;
}

/** The same for values that are the same. */
export const canonicalText = (value: unknown): string => JSON.stringify(sortedKeys(value));
