import { Duration, Elements, Failure, ListValue, MapValue, OpaqueValue, type Result, Timestamp } from '../value.ts';

/** The JSON that a value was made of, or else the value itself, which is none then. */
export function rawOf(value: Result): unknown {
  const { json } = value instanceof ListValue || value instanceof MapValue || value instanceof OpaqueValue ? value : NONE;
  if (json !== undefined) return json;
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

const NONE: { json?: unknown } = {};

/** How Go prints the type of what stands where another type should. */
export function goType(raw: unknown): string {
  switch (typeof raw) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int64';
    case 'number':
      return Number.isInteger(raw) ? 'int64' : 'float64';
  }
  if (Array.isArray(raw)) return '[]interface {}';
  if (raw instanceof Timestamp) return 'time.Time';
  if (raw instanceof Duration) return 'time.Duration';
  if (raw instanceof Uint8Array) return '[]uint8';
  if (raw instanceof Elements) return '[]ref.Val';
  if (raw instanceof MapValue) return 'map[ref.Val]ref.Val';
  return raw instanceof Failure ? '*errors.errorString' : 'map[string]interface {}';
}

/** Whether two pieces of JSON are the same. */
export function deepEqual(a: unknown, b: unknown): boolean {
  const pairs: [unknown, unknown][] = [[a, b]];
  for (let pair = pairs.pop(); pair; pair = pairs.pop()) {
    const [x, y] = pair;
    if (typeof x !== 'object' || typeof y !== 'object' || x === null || y === null) {
      if (x !== y) return false;
      continue;
    }
    const keys = Object.keys(x);
    if (Array.isArray(x) !== Array.isArray(y) || keys.length !== Object.keys(y).length) return false;
    for (const key of keys) {
      if (!Object.hasOwn(y, key)) return false;
      pairs.push([(x as Record<string, unknown>)[key], (y as Record<string, unknown>)[key]]);
    }
  }
  return true;
}
