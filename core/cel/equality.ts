import { Comparison } from './deep-comparison.ts';
import { Type } from './type.ts';
import { Duration, Failure, ListValue, MapValue, noSuchOverload, OpaqueValue, Optional, type Result, Timestamp, Uint, type Value } from './value.ts';

const TOO_DEEP = new Failure('exceeded max depth');

/** `a == b`: numbers of all types by what they count, values of other types never (cel-spec, "Equality"). A Failure where a list or map is not what its schema says. */
export function equal(a: Value, b: Value, comparison?: Comparison): boolean | Failure {
  if (a === null || b === null) return a === b;
  return equalTo(a, b, comparison);
}

function equalTo(a: NonNullable<Value>, b: NonNullable<Value>, comparison?: Comparison): boolean | Failure {
  switch (typeof a) {
    case 'bigint':
    case 'number':
      return sameNumber(a, b);
    case 'string':
    case 'boolean':
      return a === b;
  }
  if (comparison?.isTooDeep) return TOO_DEEP;
  const within = () => (comparison ?? new Comparison()).within();
  if (a instanceof ListValue) return a.equals ? a.equals(b, within()) : b instanceof ListValue && sameElements(a, b, within());
  if (a instanceof MapValue) return a.equals ? a.equals(b, within()) : b instanceof MapValue && sameEntries(a, b, within());
  if (a instanceof OpaqueValue) return a.equals(b);
  if (a instanceof Uint) return sameNumber(a.value, b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && a.length === b.length && a.every((byte, i) => byte === b[i]);
  if (a instanceof Timestamp) return b instanceof Timestamp && a.seconds === b.seconds && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof Optional) return b instanceof Optional && sameOptional(a, b, within());
  return b instanceof Type && a.name === b.name;
}

function sameNumber(a: bigint | number, b: Value): boolean {
  const other = b instanceof Uint ? b.value : b;
  // JavaScript compares integers with floating-point numbers exactly; Go, which converts the integer first, does not beyond 2^53.
  return typeof other === 'bigint' || typeof other === 'number' ? (typeof a === typeof other ? a === other : Number(a) === Number(other)) : false;
}

function sameOptional(a: Optional, b: Optional, comparison: Comparison): boolean | Failure {
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return equal(a.value, b.value, comparison);
}

/** cel-go takes no notice of elements that cannot be compared. */
function sameElements(a: ListValue, b: ListValue, comparison: Comparison): boolean | Failure {
  if (a.size !== b.size) return false;
  for (let i = 0; i < a.size; i++) {
    const same = equalResults(a.at(i), b.at(i), comparison);
    if (same === false || same === TOO_DEEP) return same;
  }
  return true;
}

function sameEntries(a: MapValue, b: MapValue, comparison: Comparison): boolean | Failure {
  if (a.size !== b.size) return false;
  for (const key of a.keys()) {
    const other = b.find(key);
    const same = other === undefined ? false : equalResults(a.find(key)!, other, comparison);
    if (same === false || same === TOO_DEEP) return same;
  }
  return true;
}

/** What is compared may be an error, which is the answer then. */
export function equalResults(a: Result, b: Result, comparison?: Comparison): boolean | Failure {
  if (a instanceof Failure) return a;
  // cel-go asks the value on the left, and most say no to what they do not know.
  if (b instanceof Failure) return a instanceof ListValue || a instanceof MapValue ? b : false;
  return equal(a, b, comparison);
}

/** `element in list`, `key in map` */
export function contains(container: Value, value: Value): boolean | Failure {
  if (container instanceof MapValue) {
    const found = container.find(value);
    return found instanceof Failure ? found : found !== undefined;
  }
  if (!(container instanceof ListValue)) return noSuchOverload();
  if (container.contains) return container.contains(value);
  for (let i = 0; i < container.size; i++) {
    const element = container.at(i);
    if (!(element instanceof Failure) && equal(value, element) === true) return true;
  }
  return false;
}
