import { doubleText } from './double-text.ts';
import { goTypeOf } from './go-type.ts';
import { type Evaluate, type Run, UNSET } from './run.ts';
import { Failure, ListValue, MapValue, noSuchOverload, OpaqueValue, Optional, type Result, typeOf, Uint, type Value } from './value.ts';

/**
 * Something that fields and elements are selected from: a variable, the value of a step, or one of two of them. cel-go resolves a chain of selections at once
 * (interpreter/attributes.go), and counts: 1 for each selection, and 1 for the attribute, but where it is a branch of `?:`.
 */
export type Attribute =
  | { readonly kind: 'path'; readonly base: Evaluate; readonly qualifiers: Qualifier[] }
  | { readonly kind: 'conditional'; readonly test: Evaluate; readonly yes: Attribute; readonly no: Attribute };

/** A selection: by a key that is known, or by one that is computed. */
export type Qualifier = { readonly optional: boolean } & (
  | { readonly key: Value /** `has(a.b)`: whether it is there. */; readonly testOnly?: true }
  | { readonly computed: Evaluate /** It is as it stands in an object, and none of the language's values yet. */; readonly raw: boolean }
);

/** Selects from whatever the attribute turns out to be. */
export function qualify(attribute: Attribute, qualifier: Qualifier): Attribute {
  if (attribute.kind === 'path') attribute.qualifiers.push(qualifier);
  else for (const branch of [attribute.yes, attribute.no]) qualify(branch, qualifier);
  return attribute;
}

/** The value of an attribute whose selections are complete. */
export function resolver(attribute: Attribute): Evaluate {
  if (attribute.kind === 'conditional') return conditional(attribute.test, resolver(attribute.yes), resolver(attribute.no));
  const { base, qualifiers } = attribute;
  if (qualifiers.length === 0) return base;
  const keys = qualifiers.map((qualifier) => ('key' in qualifier && !qualifier.optional && !qualifier.testOnly ? qualifier.key : undefined));
  if (keys.some((key) => key === undefined)) return (run) => select(run, base(run), qualifiers);
  const only = keys[0]!;
  if (keys.length === 1) {
    return (run) => {
      const from = base(run);
      if (from instanceof Failure) return from;
      if (from instanceof Optional) return select(run, from, qualifiers);
      run.spend(1);
      return get(from, only);
    };
  }
  return (run) => {
    let at = base(run);
    if (at instanceof Optional) return select(run, at, qualifiers);
    for (const key of keys) {
      if (at instanceof Failure) return at;
      run.spend(1);
      at = get(at, key!);
    }
    return at;
  };
}

function conditional(test: Evaluate, yes: Evaluate, no: Evaluate): Evaluate {
  return (run) => {
    const holds = test(run);
    if (holds === true) return yes(run);
    if (holds === false) return no(run);
    return holds instanceof Failure ? holds : noSuchOverload();
  };
}

/** A variable of the macro that is being evaluated. */
export const local = (slot: number): Evaluate => {
  return ({ locals }) => locals[slot] as Result;
};

/** The same, of one that is computed when it is first asked for. */
export const lazyLocal = (slot: number, initial: Evaluate): Evaluate => {
  return (run) => {
    const known = run.locals[slot]!;
    if (known !== UNSET) return known;
    const value = initial(run);
    run.locals[slot] = value;
    return value;
  };
};

/** From an optional, or by an optional selection, all that follows is optional too. */
function select(run: Run, from: Result, qualifiers: readonly Qualifier[]): Result {
  let at = from;
  let optional = false;
  if (at instanceof Optional) {
    if (at.value === undefined) return at;
    at = at.value;
    optional = true;
  }
  for (const qualifier of qualifiers) {
    if (at instanceof Failure) return at;
    optional ||= qualifier.optional;
    const next = optional ? selectIfPresent(run, at, qualifier) : selectOne(run, at, qualifier);
    if (next === undefined) return Optional.none;
    at = next;
  }
  if (at instanceof Failure) return at;
  return optional ? new Optional(at) : at;
}

function selectOne(run: Run, from: Value, qualifier: Qualifier): Result {
  if ('key' in qualifier) {
    run.spend(1);
    return qualifier.testOnly ? isPresent(from, qualifier.key) : get(from, qualifier.key);
  }
  const key = computedKey(run, qualifier);
  run.spend(1);
  return key instanceof Failure ? key : get(from, key);
}

function computedKey(run: Run, { computed, raw }: { computed: Evaluate; raw: boolean }): Result {
  const key = computed(run);
  return key instanceof Failure || isKey(key) ? key : new Failure(`invalid qualifier type: ${raw && key === null ? '<nil>' : goTypeOf(key)}`);
}

/** Whether a value can be one that elements are found by. */
export const isKey = (value: Value): boolean => value instanceof Uint || KEYS.has(typeof value);

const KEYS: ReadonlySet<string> = new Set(['bigint', 'number', 'string', 'boolean']);

/** undefined: it is not there, and has cost nothing. */
function selectIfPresent(run: Run, from: Value, qualifier: Qualifier): Result | undefined {
  const key = 'key' in qualifier ? qualifier.key : computedKey(run, qualifier);
  if (key instanceof Failure) return key;
  const found = find(from, key);
  if (found !== undefined && !(found instanceof Failure)) run.spend(1);
  return found;
}

function isPresent(from: Value, key: Value): boolean | Failure {
  const found = find(from, key);
  return found instanceof Failure ? found : found !== undefined;
}

function get(from: Value, key: Value): Result {
  const found = find(from, key);
  if (found !== undefined) return found;
  return new Failure(from instanceof ListValue ? `index out of bounds: ${keyText(key)}` : `no such key: ${keyText(key)}`);
}

/** What is there under a key, or at an index; undefined: nothing. A Failure is an error of the selection, or what is there. */
function find(from: Value, key: Value): Result | undefined {
  if (from instanceof MapValue) return from.find(key);
  if (from instanceof ListValue) {
    const index = indexOf(key);
    if (index instanceof Failure) return index;
    return index >= 0 && index < from.size ? from.at(index) : undefined;
  }
  return from instanceof OpaqueValue ? from.field?.(key) : undefined;
}

function indexOf(key: Value): number | Failure {
  if (typeof key === 'bigint') return Number(key);
  if (key instanceof Uint) return Number(key.value);
  if (typeof key === 'number')
    return Number.isInteger(key) && Math.abs(key) < 2 ** 63 ? key : new Failure(`unsupported index value ${doubleText(key)} in list`);
  return new Failure(`unsupported index type '${typeOf(key).name}' in list`);
}

/** As Go prints a key in an error. */
export function keyText(key: Value): string {
  if (key instanceof Uint) return String(key.value);
  return typeof key === 'number' ? doubleText(key) : String(key);
}
