/**
 * Whether an object has all that is wanted of it, and where it has not: a list of `path: what is there`. Of an object, the fields that are named
 * are looked at (null: it has none); of a list of objects, some element is each that is wanted, however many there are; a text that begins
 * with `~` is a part of what is there, and `*` is anything.
 */
export function missing(actual: unknown, wanted: unknown, path = ''): string[] {
  if (wanted === null) return actual === undefined || actual === null ? [] : [told(path, actual)];
  if (wanted === '*') return actual === undefined ? [told(path, actual)] : [];
  if (typeof wanted === 'string' && wanted.startsWith('~')) return String(actual).includes(wanted.slice(1)) ? [] : [told(path, actual)];
  if (Array.isArray(wanted)) {
    if (!Array.isArray(actual)) return [told(path, actual)];
    if (wanted.every(isObject)) return wanted.flatMap((each) => (actual.some((one) => missing(one, each).length === 0) ? [] : [told(path, actual)]));
    return JSON.stringify(actual) === JSON.stringify(wanted) ? [] : [told(path, actual)];
  }
  if (isObject(wanted)) {
    if (!isObject(actual)) return [told(path, actual)];
    return Object.entries(wanted).flatMap(([name, value]) => missing(actual[name], value, path ? `${path}.${name}` : name));
  }
  return actual === wanted ? [] : [told(path, actual)];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

const told = (path: string, actual: unknown): string => `${path}: ${JSON.stringify(actual)}`;
