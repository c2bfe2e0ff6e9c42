import type { Checked } from './checker.ts';
import type { Declarations } from './declarations.ts';
import type { CallEstimate, Operand, Range } from './library.ts';
import { EQUALS } from './operator-names.ts';
import {
  exactly,
  LIST_CREATION,
  MAP_CREATION,
  ONE,
  plus,
  REGEX_LENGTH,
  STRING_TRAVERSAL,
  STRUCT_CREATION,
  scaled,
  times,
  UNBOUNDED,
  UNKNOWN_SIZE,
  union,
  ZERO,
} from './range.ts';
import { sizeOf } from './size.ts';
import type { Call, Comprehension, CreateList, CreateMap, CreateStruct, Expression, Select } from './syntax.ts';
import { OPTIONAL_NAME, type Type } from './type.ts';

/** How large what a path leads to may be: a variable, then names of fields, `@items`, `@keys`, `@values`; undefined: nothing is known. */
export type SizeOfPath = (path: readonly string[]) => Range | undefined;

/** What an expression may cost (checker/cost.go of cel-go): CustomResourceDefinitions are refused whose rules may cost too much. */
export function estimate(checked: Checked, declarations: Declarations, sizeOfPath: SizeOfPath): Range {
  return new Estimator(checked, declarations, sizeOfPath).cost(checked.expression);
}

/** What is known of the sizes of a list's or map's entries. */
interface EntrySizes {
  readonly container: 'list' | 'map';
  readonly key: Range;
  readonly value: Range;
}

interface Local {
  readonly path: readonly string[];
  readonly size?: Range;
  readonly entries?: EntrySizes;
}

class Estimator {
  readonly #checked: Checked;
  readonly #declarations: Declarations;
  readonly #sizeOfPath: SizeOfPath;
  /** By the ids of expressions. */
  readonly #paths = new Map<number, readonly string[]>();
  readonly #sizes = new Map<number, Range>();
  readonly #entrySizes = new Map<number, EntrySizes>();
  readonly #locals = new Map<string, Local[]>();

  constructor(checked: Checked, declarations: Declarations, sizeOfPath: SizeOfPath) {
    this.#checked = checked;
    this.#declarations = declarations;
    this.#sizeOfPath = sizeOfPath;
  }

  cost(expression: Expression): Range {
    switch (expression.kind) {
      case 'identifier':
        this.#paths.set(expression.id, this.#local(expression.name)?.path ?? [expression.name]);
        return ONE;
      case 'select':
        return this.#select(expression);
      case 'call':
        return this.#call(expression);
      case 'list':
        return this.#list(expression);
      case 'map':
        return this.#map(expression);
      case 'struct':
        return this.#struct(expression);
      case 'comprehension':
        return isBinding(expression) ? this.#binding(expression) : this.#comprehension(expression);
      default:
        return ZERO;
    }
  }

  #select({ id, operand, field, testOnly }: Select): Range {
    const cost = this.cost(operand);
    // `has()` is free, but for what it selects from.
    if (testOnly) return cost;
    this.#paths.set(id, [...this.#path(operand), field]);
    return SELECTABLE.has(this.#type(operand).kind) ? plus(cost, ONE) : cost;
  }

  #call(call: Call): Range {
    if (call.function === 'dyn') return this.#dyn(call);
    const costs = call.args.map((arg) => this.cost(arg));
    const args = call.args.map((arg) => this.#operand(arg));
    const overloads = this.#checked.overloads.get(call.id) ?? [];
    if (overloads.length === 0) return ZERO;
    const targetCost = call.target ? this.cost(call.target) : ZERO;
    const target = call.target && this.#operand(call.target);
    let cost: Range = { min: UNBOUNDED, max: 0n };
    let size: Range | undefined;
    for (const overload of overloads) {
      const one = this.#callCost(call, overload, target, args, costs);
      cost = union(cost, one.cost);
      if (one.resultSize) size = size ? union(size, one.resultSize) : one.resultSize;
      if (overload === 'index_list' || overload === 'index_map') {
        size = this.#entries(call.args[0]!)?.value;
        this.#paths.set(call.id, [...this.#path(call.args[0]!), overload === 'index_list' ? '@items' : '@values']);
      }
      size ??= this.#size(call);
    }
    if (size) this.#sizes.set(call.id, size);
    return plus(targetCost, cost);
  }

  /** It only turns off the checker. */
  #dyn({ id, args: [value] }: Call): Range {
    const cost = this.cost(value!);
    this.#copySizes(id, value!);
    return plus(ONE, cost);
  }

  /** What calls of one overload cost, with their arguments. */
  #callCost(call: Call, overload: string, target: Operand | undefined, args: readonly Operand[], costs: readonly Range[]): CallEstimate {
    const sum = costs.reduce(plus, ZERO);
    const declared = this.#declarations.functions.get(call.function);
    const own = equalityCost(call.function, args) ?? declared?.cost?.estimate?.({ overload, target, args });
    if (own) return { ...own, cost: plus(own.cost, sum) };
    switch (overload) {
      case 'logical_or':
      case 'logical_and':
        // The other side may not be evaluated.
        return { cost: { min: costs[0]!.min, max: plus(costs[0]!, costs[1]!).max } };
      case 'conditional': {
        const [, yes, no] = call.args as [Expression, Expression, Expression];
        this.#setEntries(call.id, unionOfEntries(this.#entries(yes), this.#entries(no)));
        return { cost: plus(costs[0]!, union(costs[1]!, costs[2]!)), resultSize: union(args[1]!.size, args[2]!.size) };
      }
      case 'add_list':
      case 'add_string':
      case 'add_bytes': {
        this.#setEntries(call.id, unionOfEntries(this.#entries(call.args[0]!), this.#entries(call.args[1]!)));
        const resultSize = plus(args[0]!.size, args[1]!.size);
        return { cost: plus(overload === 'add_list' ? ONE : scaled(resultSize, STRING_TRAVERSAL), sum), resultSize };
      }
    }
    const { cost, resultSize } = standardCost(overload, target, args);
    return { cost: plus(cost, sum), resultSize };
  }

  #list({ id, elements }: CreateList): Range {
    let cost = ZERO;
    let value: Range = elements.length ? { min: UNBOUNDED, max: 0n } : ZERO;
    for (const element of elements) {
      cost = plus(cost, this.cost(element));
      value = union(value, this.#sizeOrUnknown(element));
    }
    this.#entrySizes.set(id, { container: 'list', key: ONE, value });
    return plus(cost, exactly(LIST_CREATION));
  }

  #map({ id, entries }: CreateMap): Range {
    let cost = ZERO;
    let keys: Range = entries.length ? { min: UNBOUNDED, max: 0n } : ZERO;
    let values = keys;
    for (const { key, value } of entries) {
      cost = plus(plus(cost, this.cost(key)), this.cost(value));
      keys = union(keys, this.#sizeOrUnknown(key));
      values = union(values, this.#sizeOrUnknown(value));
    }
    this.#entrySizes.set(id, { container: 'map', key: keys, value: values });
    return plus(cost, exactly(MAP_CREATION));
  }

  #struct({ fields }: CreateStruct): Range {
    return fields.reduce((sum, { value }) => plus(sum, this.cost(value)), exactly(STRUCT_CREATION));
  }

  #comprehension(loop: Comprehension): Range {
    const { id, range, variable, variable2, accumulator, initial, condition, step, result } = loop;
    let cost = plus(this.cost(range), this.cost(initial));
    this.#pushVariable(accumulator, initial);
    const isList = (this.#entries(range)?.container ?? this.#type(range).kind) === 'list';
    const entries = this.#entries(range);
    const of = (what: 'key' | 'value'): Local => {
      const step = what === 'key' ? (isList ? '@indices' : '@keys') : isList ? '@items' : '@values';
      return { path: [...this.#path(range), step], size: entries?.[what] };
    };
    if (variable2 === undefined) this.#push(variable, of(isList ? 'value' : 'key'));
    else {
      this.#push(variable, of('key'));
      this.#push(variable2, of('value'));
    }
    const round = plus(this.cost(step), this.cost(condition));
    this.#pop(variable);
    if (variable2 !== undefined) this.#pop(variable2);
    cost = plus(cost, this.cost(result));
    this.#pop(accumulator);
    const count = this.#sizeOrUnknown(range);
    this.#setLoopSize(id, loop, count);
    return plus(cost, times(count, round));
  }

  #setLoopSize(id: number, { initial, step }: Comprehension, count: Range): void {
    if (initial.kind === 'literal') this.#sizes.set(id, this.#size(initial)!);
    if (initial.kind !== 'list' && initial.kind !== 'map') return;
    this.#sizes.set(id, count);
    this.#setEntries(id, this.#entries(step));
  }

  /** A variable of `cel.bind`. */
  #binding({ id, range, accumulator, initial, result }: Comprehension): Range {
    const cost = plus(this.cost(range), this.cost(initial));
    this.#pushVariable(accumulator, initial);
    const total = plus(cost, this.cost(result));
    this.#pop(accumulator);
    this.#copySizes(id, result);
    return total;
  }

  #operand(expression: Expression): Operand {
    const path = this.#path(expression);
    // The accumulators of macros are nothing that a schema knows.
    return this.#operandOf(this.#type(expression), isAccumulator(path[0]) ? [] : path, this.#size(expression), expression);
  }

  #operandOf(type: Type, path: readonly string[], size: Range | undefined, expression?: Expression): Operand {
    const sized = size ?? (path.length ? this.#sizeOfPath(path) : undefined);
    return {
      type,
      size: sized ?? UNKNOWN_SIZE,
      sized: sized !== undefined,
      literal: expression?.kind === 'literal' ? expression.value : undefined,
      elements: () => type.parameters[0] && this.#operandOf(type.parameters[0], path.length ? [...path, '@items'] : [], undefined),
    };
  }

  #type(expression: Expression): Type {
    return this.#checked.types.get(expression.id)!;
  }

  #path(expression: Expression): readonly string[] {
    const variable = expression.kind === 'identifier' ? this.#local(expression.name) : undefined;
    return variable?.path ?? this.#paths.get(expression.id) ?? [];
  }

  #sizeOrUnknown(expression: Expression): Range {
    return this.#size(expression) ?? UNKNOWN_SIZE;
  }

  #size(expression: Expression): Range | undefined {
    const known = this.#sizes.get(expression.id) ?? sizeOfLiteral(expression);
    if (known) return known;
    const path = this.#path(expression);
    const declared = path.length ? this.#sizeOfPath(path) : undefined;
    if (declared) {
      this.#sizes.set(expression.id, declared);
      return declared;
    }
    if (isScalar(this.#type(expression))) return ONE;
    return expression.kind === 'identifier' ? this.#local(expression.name)?.size : undefined;
  }

  #entries(expression: Expression): EntrySizes | undefined {
    const known = this.#entrySizes.get(expression.id);
    return known ?? (expression.kind === 'identifier' ? this.#local(expression.name)?.entries : undefined);
  }

  #setEntries(id: number, entries: EntrySizes | undefined): void {
    if (entries) this.#entrySizes.set(id, entries);
  }

  #copySizes(id: number, from: Expression): void {
    const size = this.#size(from);
    if (size) this.#sizes.set(id, size);
    this.#setEntries(id, this.#entries(from));
  }

  #pushVariable(name: string, value: Expression): void {
    this.#push(name, { path: this.#path(value), size: this.#size(value), entries: this.#entries(value) });
  }

  #push(name: string, variable: Local): void {
    const stack = this.#locals.get(name);
    if (stack) stack.push(variable);
    else this.#locals.set(name, [variable]);
  }

  #pop(name: string): void {
    this.#locals.get(name)!.pop();
  }

  #local(name: string): Local | undefined {
    return this.#locals.get(name)?.at(-1);
  }
}

const SELECTABLE = new Set(['map', 'struct', 'parameter']);

const isAccumulator = (name: string | undefined) => name === '__result__' || name === '@result';

function isBinding({ range, condition, accumulator }: Comprehension): boolean {
  return range.kind === 'list' && range.elements.length === 0 && condition.kind === 'literal' && condition.value === false && accumulator !== '__result__';
}

function isScalar(type: Type): boolean {
  if (type.kind === 'opaque' && type.name === OPTIONAL_NAME) return isScalar(type.parameters[0]!);
  return SCALARS.has(type.kind);
}

const SCALARS = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint']);

function sizeOfLiteral(expression: Expression): Range | undefined {
  if (expression.kind === 'literal') return exactly(sizeOf(expression.value));
  if (expression.kind === 'list') return exactly(expression.elements.length);
  return expression.kind === 'map' ? exactly(expression.entries.length) : undefined;
}

const unionOfEntries = (a: EntrySizes | undefined, b: EntrySizes | undefined): EntrySizes | undefined =>
  a && b && { container: a.container, key: union(a.key, b.key), value: union(a.value, b.value) };

/** Kubernetes' own types have a price of their own (`_==_` of k8s.io/apiserver/pkg/cel/library/cost.go). */
function equalityCost(name: string, [a, b]: readonly Operand[]): CallEstimate | undefined {
  if (name !== EQUALS || !a!.type.equality || a!.type.name !== b!.type.name) return undefined;
  switch (a!.type.equality) {
    case 'constant':
      return { cost: ONE };
    case 'format':
      return { cost: scaled({ min: 1n, max: MAX_FORMAT_SIZE }, STRING_TRAVERSAL) };
    case 'url':
      return { cost: scaled({ min: 1n, max: b!.sized ? b!.size.max : 1n }, STRING_TRAVERSAL) };
  }
}

const MAX_FORMAT_SIZE = 64n;

/** Calls of cel-go's own functions, without their arguments. */
function standardCost(overload: string, target: Operand | undefined, args: readonly Operand[]): CallEstimate {
  const [a, b] = args;
  switch (overload) {
    case 'string_format':
      return { cost: scaled(target!.size, STRING_TRAVERSAL) };
    case 'string_to_bytes':
      return { cost: scaled(a!.size, STRING_TRAVERSAL), resultSize: { min: a!.size.min, max: BigInt.asUintN(64, a!.size.max * 4n) } };
    case 'bytes_to_string':
      return { cost: scaled(a!.size, STRING_TRAVERSAL), resultSize: { min: a!.size.min / 4n, max: a!.size.max } };
    case 'strings_quote':
      return { cost: scaled(a!.size, STRING_TRAVERSAL), resultSize: { min: a!.size.min + 2n, max: BigInt.asUintN(64, a!.size.max * 2n + 2n) } };
    case 'starts_with_string':
    case 'ends_with_string':
      return { cost: scaled(a!.size, STRING_TRAVERSAL) };
    case 'in_list':
      return { cost: scaled(b!.size, 1) };
    case 'matches_string':
      if (!target) return { cost: ONE };
      return { cost: times(scaled(plus(target.size, ONE), STRING_TRAVERSAL), scaled(a!.size, REGEX_LENGTH)) };
    case 'contains_string':
      return { cost: times(scaled(target!.size, STRING_TRAVERSAL), scaled(a!.size, STRING_TRAVERSAL)) };
  }
  if (!COMPARED.test(overload)) return { cost: ONE };
  const max = a!.size.max < b!.size.max ? a!.size.max : b!.size.max;
  return { cost: scaled({ min: max > 0n ? 1n : 0n, max }, STRING_TRAVERSAL) };
}

/** The shorter one has to be looked at. */
const COMPARED = /^(?:equals|not_equals|(?:less|greater)(?:_equals)?_(?:string|bytes))$/;
