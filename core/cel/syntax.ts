import type { Value } from './value.ts';

/**
 * An expression as the parser leaves it: macros are expanded, operators are calls (`_+_`, `_?_:_`, `_[_]`). Ids are unique but where a macro uses an argument twice;
 * what the checker finds out, and where an expression stands in the source, is kept by id.
 */
export type Expression = Literal | Identifier | Select | Call | CreateList | CreateMap | CreateStruct | Comprehension | Unspecified;

export interface Literal {
  readonly kind: 'literal';
  readonly id: number;
  readonly value: Value;
}

export interface Identifier {
  readonly kind: 'identifier';
  readonly id: number;
  /** With a dot in front: it is looked up in the root, not among the variables of macros. */
  readonly name: string;
}

/** `operand.field`, or `has(operand.field)`. */
export interface Select {
  readonly kind: 'select';
  readonly id: number;
  readonly operand: Expression;
  readonly field: string;
  readonly testOnly: boolean;
}

export interface Call {
  readonly kind: 'call';
  readonly id: number;
  readonly function: string;
  readonly target?: Expression;
  readonly args: readonly Expression[];
}

export interface CreateList {
  readonly kind: 'list';
  readonly id: number;
  readonly elements: readonly Expression[];
  /** The indexes of those that are left out when they are `optional.none()`: `[?a]`. */
  readonly optional: ReadonlySet<number>;
}

export interface CreateMap {
  readonly kind: 'map';
  readonly id: number;
  readonly entries: readonly MapEntry[];
}

export interface MapEntry {
  readonly id: number;
  readonly key: Expression;
  readonly value: Expression;
  readonly optional: boolean;
}

/** `Object.spec{replicas: 3}` */
export interface CreateStruct {
  readonly kind: 'struct';
  readonly id: number;
  readonly name: string;
  readonly fields: readonly StructField[];
}

export interface StructField {
  readonly id: number;
  readonly name: string;
  readonly value: Expression;
  readonly optional: boolean;
}

/**
 * What `all`, `exists`, `map` and the like stand for: for each element (or key) of the range, while the condition is true, the accumulator becomes what the step says.
 * A range of no elements, with an accumulator that has a name of its own, is a variable (`cel.bind`).
 */
export interface Comprehension {
  readonly kind: 'comprehension';
  readonly id: number;
  readonly range: Expression;
  readonly variable: string;
  /** With it, the first is the index or key and this one the value. */
  readonly variable2?: string;
  readonly accumulator: string;
  readonly initial: Expression;
  readonly condition: Expression;
  readonly step: Expression;
  readonly result: Expression;
}

/** What stands where the source has an error. */
export interface Unspecified {
  readonly kind: 'unspecified';
  readonly id: number;
}

/** The name of the accumulator of most macros: no expression can spell it. */
export const ACCUMULATOR = '@result';

/** Makes the expressions that a macro stands for; they stand where the macro is called. */
export interface ExpressionFactory {
  literal(value: Value): Expression;
  identifier(name: string): Expression;
  select(operand: Expression, field: string): Expression;
  presence(operand: Expression, field: string): Expression;
  call(name: string, ...args: readonly Expression[]): Expression;
  memberCall(name: string, target: Expression, ...args: readonly Expression[]): Expression;
  list(...elements: readonly Expression[]): Expression;
  map(...entries: readonly (readonly [key: Expression, value: Expression])[]): Expression;
  comprehension(parts: Omit<Comprehension, 'kind' | 'id'>): Expression;
  /** The same with ids of its own, for what stands in two places. */
  copy(expression: Expression): Expression;
}

/** A macro that is called with what it does not take; told where the expression of the id stands. */
export class MacroError extends Error {
  override readonly name = 'MacroError';
  readonly id: number;

  constructor(id: number, message: string) {
    super(message);
    this.id = id;
  }
}
