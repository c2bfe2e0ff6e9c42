import { Duration, Failure, noSuchOverload, OpaqueValue, Timestamp, Uint, type Value } from './value.ts';

/** Below zero when `a` comes before `b`, above when after; a Failure when the types have no order among them. */
export function compare(a: Value, b: Value): number | Failure {
  switch (typeof a) {
    case 'bigint':
    case 'number':
      return compareNumbers(a, b);
    case 'string':
      return typeof b === 'string' ? compareTexts(a, b) : noSuchOverload();
    case 'boolean':
      return typeof b === 'boolean' ? Number(a) - Number(b) : noSuchOverload();
  }
  if (a instanceof Uint) return compareNumbers(a.value, b);
  if (a instanceof Timestamp) return b instanceof Timestamp ? a.seconds - b.seconds || a.nanos - b.nanos : noSuchOverload();
  if (a instanceof Duration) return b instanceof Duration ? order(a.nanos, b.nanos) : noSuchOverload();
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? compareBytes(a, b) : noSuchOverload();
  return a instanceof OpaqueValue && a.order ? a.order(b) : noSuchOverload();
}

/** Whether `<` and the like are defined for any value of its type (traits.ComparerType). */
export function hasOrder(value: Value): boolean {
  const type = typeof value;
  if (type !== 'object') return true;
  return (
    value instanceof Uint ||
    value instanceof Timestamp ||
    value instanceof Duration ||
    value instanceof Uint8Array ||
    (value instanceof OpaqueValue && value.order !== undefined)
  );
}

function compareNumbers(a: bigint | number, b: Value): number | Failure {
  const other = b instanceof Uint ? b.value : b;
  if (Number.isNaN(a)) return new Failure('NaN values cannot be ordered');
  if (typeof other === 'bigint') return typeof a === 'bigint' ? order(a, other) : order(a, Number(other));
  if (typeof other !== 'number') return noSuchOverload();
  return Number.isNaN(other) ? new Failure('NaN values cannot be ordered') : order(Number(a), other);
}

const order = <T extends bigint | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

/** By code points, as Go's UTF-8 has them: JavaScript puts what takes two units before U+E000 to U+FFFF. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return (x >= 0xd800 ? rotated(x) : x) - (y >= 0xd800 ? rotated(y) : y);
  }
  return a.length - b.length;
}

/** Surrogates behind all other units. */
const rotated = (unit: number) => (unit >= 0xe000 ? unit - 0x800 : unit + 0x2000);

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
