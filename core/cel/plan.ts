import { type Attribute, isKey, keyText, lazyLocal, local, type Qualifier, qualify, resolver } from './attribute.ts';
import { call, implementationOf } from './call.ts';
import { tariffOf } from './call-cost.ts';
import type { Checked } from './checker.ts';
import type { Declarations } from './declarations.ts';
import { goTypeOf } from './go-type.ts';
import { type Loop, loop } from './loop.ts';
import { AND, CONDITIONAL, IN, INDEX, OPTIONAL_INDEX, OPTIONAL_SELECT, OR } from './operator-names.ts';
import { LIST_CREATION, MAP_CREATION, STRUCT_CREATION } from './range.ts';
import { type Evaluate, Run, UNSET } from './run.ts';
import { CONVERSIONS } from './standard/conversions.ts';
import type { Call, Comprehension, CreateList, CreateMap, CreateStruct, Expression } from './syntax.ts';
import { Elements, Entries, Failure, identityOf, ListValue, noSuchOverload, Optional, type Result, type Value } from './value.ts';

/** How an expression is evaluated: a closure for each of its parts, and as many slots as its macros have variables. */
export interface Plan {
  readonly evaluate: Evaluate;
  readonly slots: number;
}

/** Plans an evaluation (interpreter/planner.go of cel-go); a Failure when a part of it, which is known already, fails. */
export function plan(checked: Checked, declarations: Declarations): Plan | Failure {
  const planner = new Planner(checked, declarations);
  try {
    const evaluate = evaluator(planner.plan(checked.expression));
    return { evaluate, slots: planner.slots };
  } catch (error) {
    if (error instanceof Unplannable) return new Failure(error.message);
    throw error;
  }
}

class Unplannable extends Error {
  override readonly name = 'Unplannable';
}

/** What is planned of a part: its value, when that is known; something to select from; or a step. */
type Part = { readonly value: Value } | { readonly attribute: Attribute; readonly testOnly?: true } | { readonly step: Evaluate };

/** A part as a step of its own, with what that costs: attributes cost 1, but for `has()`, and for what chooses between two. */
function evaluator(part: Part): Evaluate {
  if ('value' in part) return () => part.value;
  if ('step' in part) return part.step;
  const resolve = resolver(part.attribute);
  if (part.attribute.kind === 'conditional') return resolve;
  if (part.testOnly) {
    return (run) => {
      const present = resolve(run);
      return present instanceof Optional ? present.value !== undefined : present;
    };
  }
  return (run) => {
    const value = resolve(run);
    run.spend(1);
    return value;
  };
}

class Planner {
  slots = 0;
  readonly #checked: Checked;
  readonly #declarations: Declarations;
  /** The variables of macros, innermost last. */
  readonly #locals: Map<string, Evaluate>[] = [];

  constructor(checked: Checked, declarations: Declarations) {
    this.#checked = checked;
    this.#declarations = declarations;
  }

  plan(expression: Expression): Part {
    switch (expression.kind) {
      case 'literal':
        return { value: expression.value };
      case 'identifier':
        return this.#identifier(expression.id, expression.name);
      case 'select': {
        const key = { key: expression.field, optional: false };
        const attribute = this.#attribute(this.plan(expression.operand));
        if (!expression.testOnly) return { attribute: qualify(attribute, key) };
        return { attribute: qualify(attribute, { ...key, testOnly: true }), testOnly: true };
      }
      case 'call':
        return this.#call(expression);
      case 'list':
        return this.#list(expression);
      case 'map':
        return this.#map(expression);
      case 'struct':
        return { step: this.#struct(expression) };
      case 'comprehension':
        return { step: this.#comprehension(expression) };
      case 'unspecified':
        throw new Error('what has issues is not planned');
    }
  }

  #identifier(id: number, name: string): Part {
    const value = this.#checked.constants.get(id);
    if (value !== undefined) return { value };
    return { attribute: { kind: 'path', base: this.#variable(name), qualifiers: [] } };
  }

  #variable(name: string): Evaluate {
    for (let i = this.#locals.length - 1; i >= 0; i--) {
      const found = this.#locals[i]!.get(name);
      if (found) return found;
    }
    return ({ bindings }) => {
      const value = bindings[name];
      return value === undefined ? new Failure(`no such attribute(s): ${name}`) : value;
    };
  }

  /** What can be selected from. */
  #attribute(part: Part): Attribute {
    return 'attribute' in part ? part.attribute : { kind: 'path', base: evaluator(part), qualifiers: [] };
  }

  #call(expression: Call): Part {
    const overloads = this.#checked.overloads.get(expression.id)!;
    const only = overloads.length === 1 ? overloads[0]! : '';
    const parts = (expression.target ? [expression.target, ...expression.args] : expression.args).map((argument) => this.plan(argument));
    switch (expression.function) {
      case AND:
        return { step: and(evaluator(parts[0]!), evaluator(parts[1]!)) };
      case OR:
        return { step: or(evaluator(parts[0]!), evaluator(parts[1]!)) };
      case CONDITIONAL:
        return {
          attribute: { kind: 'conditional', test: evaluator(parts[0]!), yes: this.#branch(parts[1]!), no: this.#branch(parts[2]!) },
        };
      case INDEX:
        return this.#index(parts[0]!, parts[1]!, false);
      case OPTIONAL_INDEX:
      case OPTIONAL_SELECT:
        return this.#index(parts[0]!, parts[1]!, true);
      case 'or':
        if (only === '' || only === 'optional_or_optional') return { step: otherwise(evaluator(parts[0]!), evaluator(parts[1]!), false) };
        break;
      case 'orValue':
        if (only === '' || only === 'optional_orValue_value') return { step: otherwise(evaluator(parts[0]!), evaluator(parts[1]!), true) };
        break;
    }
    return this.#functionCall(expression.function, only, parts);
  }

  /** A branch of `?:` is resolved, not evaluated: what would be counted for the attribute is not. */
  #branch(part: Part): Attribute {
    return this.#attribute(part);
  }

  #index(operand: Part, index: Part, optional: boolean): Part {
    return { attribute: qualify(this.#attribute(operand), this.#qualifier(index, optional)) };
  }

  #qualifier(index: Part, optional: boolean): Qualifier {
    if ('value' in index) {
      const { value } = index;
      if (!isKey(value)) throw new Unplannable(`invalid qualifier type: ${goTypeOf(value)}`);
      return { key: value, optional };
    }
    return 'step' in index ? { computed: index.step, raw: false, optional } : { computed: resolver(index.attribute), raw: true, optional };
  }

  #functionCall(name: string, only: string, parts: readonly Part[]): Part {
    const declared = this.#declarations.functions.get(name)!;
    const overload = declared.overloads.find(({ id }) => id === only);
    const literals = parts.map((part) => ('value' in part ? part.value : undefined));
    if (only === 'in_list' && name === IN && literals[1] instanceof ListValue) {
      const member = memberOf(literals[1], parts[0]!);
      if (member) return member;
    }
    const prepared = declared.prepare?.(literals);
    if (prepared instanceof Failure) throw new Unplannable(prepared.message);
    const nonStrict = Boolean(overload ? overload.nonStrict : declared.overloads.some((each) => each.nonStrict));
    const implementation = prepared ?? implementationOf(declared, overload);
    const dispatched = !declared.call && !overload && declared.overloads.length > 1;
    const calling = {
      implementation,
      tariff: tariffOf(only, declared.cost),
      work: declared.cost?.work,
      nonStrict,
      inOrder: dispatched || prepared !== undefined,
    };
    const step = call(parts.map(evaluator), calling);
    if (CONVERSIONS.has(name) && literals.length === 1 && literals[0] !== undefined) return known(step);
    return { step };
  }

  #list({ elements, optional }: CreateList): Part {
    const parts = elements.map((element) => this.plan(element));
    const steps = parts.map(evaluator);
    const step: Evaluate = (run) => {
      const values = listed(run, steps, optional);
      run.spend(LIST_CREATION);
      return values instanceof Failure ? values : new Elements(values);
    };
    return parts.every((part) => 'value' in part) ? known(step) : { step };
  }

  #map({ entries }: CreateMap): Part {
    const parts = entries.map((entry) => ({ key: this.plan(entry.key), value: this.plan(entry.value), optional: entry.optional }));
    const steps = parts.map(({ key, value, optional }) => ({ key: evaluator(key), value: evaluator(value), optional }));
    const step: Evaluate = (run) => {
      const pairs = paired(run, steps);
      run.spend(MAP_CREATION);
      return pairs instanceof Failure ? pairs : new Entries(pairs);
    };
    return parts.every(({ key, value }) => 'value' in key && 'value' in value) ? known(step) : { step };
  }

  #struct({ name, fields }: CreateStruct): Evaluate {
    const construct = this.#declarations.struct(name)?.construct;
    if (!construct) throw new Unplannable(`unknown type: ${name}`);
    const steps = fields.map((field) => ({ key: () => field.name, value: evaluator(this.plan(field.value)), optional: field.optional }));
    return (run) => {
      const pairs = paired(run, steps);
      run.spend(STRUCT_CREATION);
      return pairs instanceof Failure ? pairs : construct(new Map(pairs as [string, Value][]));
    };
  }

  #comprehension(expression: Comprehension): Evaluate {
    const { range, variable, variable2, accumulator, initial, condition, step, result } = expression;
    const slot = this.slots;
    this.slots += variable2 === undefined ? 2 : 3;
    const over = evaluator(this.plan(range));
    const first = this.plan(initial);
    const accumulated = 'value' in first ? local(slot) : lazyLocal(slot, evaluator(first));
    this.#locals.push(new Map([[accumulator, accumulated]]));
    this.#locals.push(new Map([[variable, local(slot + 1)], ...(variable2 === undefined ? [] : [[variable2, local(slot + 2)] as const])]));
    const repeated = this.plan(condition);
    const parts: Loop = {
      slot,
      over,
      initial: 'value' in first ? first.value : UNSET,
      condition: 'value' in repeated && repeated.value === true ? undefined : evaluator(repeated),
      step: evaluator(this.plan(step)),
      pairs: variable2 !== undefined,
      result: () => null,
    };
    this.#locals.pop();
    const finished = evaluator(this.plan(result));
    this.#locals.pop();
    return loop({ ...parts, result: finished });
  }
}

/** What is evaluated once, here, for all evaluations; it costs them nothing. */
function known(step: Evaluate): Part {
  const value = step(new Run({}, 0, Number.POSITIVE_INFINITY));
  if (value instanceof Failure) throw new Unplannable(value.message);
  return { value };
}

function and(left: Evaluate, right: Evaluate): Evaluate {
  return (run) => {
    const a = left(run);
    if (a === false) return false;
    const b = right(run);
    if (b === false) return false;
    return a === true ? (b === true ? true : unlessFailed(b)) : unlessFailed(a);
  };
}

function or(left: Evaluate, right: Evaluate): Evaluate {
  return (run) => {
    const a = left(run);
    if (a === true) return true;
    const b = right(run);
    if (b === true) return true;
    return a === false ? (b === false ? false : unlessFailed(b)) : unlessFailed(a);
  };
}

/** The error of an operand that is no bool. */
const unlessFailed = (result: Result): Failure => (result instanceof Failure ? result : noSuchOverload());

/** `optional.or(other)`, `optional.orValue(other)`: the other is evaluated only if it is needed. */
function otherwise(first: Evaluate, other: Evaluate, unwrap: boolean): Evaluate {
  return (run) => {
    const optional = first(run);
    if (!(optional instanceof Optional)) return optional;
    if (optional.value === undefined) return other(run);
    return unwrap ? optional.value : optional;
  };
}

/** `x in [literals]` is a look into a set, and free; undefined: not of these. */
function memberOf(list: ListValue, element: Part): Part | undefined {
  if (list.size === 0) return { value: false };
  const identities = new Set<unknown>();
  for (const each of list) {
    if (each instanceof Failure || !isKey(each)) return undefined;
    identities.add(identityOf(each));
  }
  const evaluate = evaluator(element);
  return {
    step: (run) => {
      const value = evaluate(run);
      return value instanceof Failure ? value : !Number.isNaN(value) && identities.has(identityOf(value));
    },
  };
}

function listed(run: Run, steps: readonly Evaluate[], optional: ReadonlySet<number>): Value[] | Failure {
  const values: Value[] = [];
  for (let i = 0; i < steps.length; i++) {
    const value = steps[i]!(run);
    if (value instanceof Failure) return value;
    if (!optional.has(i)) values.push(value);
    else if (!(value instanceof Optional)) return new Failure(`cannot initialize optional list element from non-optional value ${keyText(value)}`);
    else if (value.value !== undefined) values.push(value.value);
  }
  return values;
}

function paired(run: Run, steps: readonly { key: Evaluate; value: Evaluate; optional: boolean }[]): [Value, Value][] | Failure {
  const pairs: [Value, Value][] = [];
  for (const step of steps) {
    const key = step.key(run);
    if (key instanceof Failure) return key;
    const value = step.value(run);
    if (value instanceof Failure) return value;
    if (!step.optional) pairs.push([key, value]);
    else if (!(value instanceof Optional)) return new Failure(`cannot initialize optional entry '${keyText(key)}' from non-optional value ${keyText(value)}`);
    else if (value.value !== undefined) pairs.push([key, value.value]);
  }
  return pairs;
}
