import type { Macro } from './macro.ts';
import type { Expression } from './syntax.ts';
import type { Type } from './type.ts';
import type { Failure, Result, Value } from './value.ts';

/** What an environment is extended with: functions, macros and names. A library is data; `environment.ts` puts libraries together. */
export interface Library {
  readonly name: string;
  readonly functions?: readonly FunctionDeclaration[];
  readonly macros?: readonly Macro[];
  /** What it finds wrong with a part of an expression whose types go together. */
  validate?(part: Expression, typeOf: (expression: Expression) => Type): Problem | undefined;
  /** Functions that take lists and maps of several types at once, which elsewhere are refused. */
  readonly takesMixed?: readonly string[];
  /** Names that stand for a value: types, by the name that they are compared with. */
  readonly constants?: Readonly<Record<string, { readonly type: Type; readonly value: Value }>>;
}

/** What is wrong, and with which expression. */
export interface Problem {
  readonly id: number;
  readonly message: string;
}

export interface FunctionDeclaration {
  /** `size`, `matches`, `_+_`; with dots for a namespace: `ip.isCanonical`, `cel.bind`. */
  readonly name: string;
  readonly overloads: readonly Overload[];
  /**
   * One implementation for all overloads, which finds out by itself what it is given (`cel.SingletonFunctionBinding` in Go). The overloads then have none.
   */
  readonly call?: Implementation;
  /**
   * What is done once for all calls with literals among their arguments: a regular expression is compiled. undefined: nothing is. A Failure makes the
   * expression one that cannot be run.
   */
  prepare?(literals: readonly (Value | undefined)[]): Implementation | Failure | undefined;
  /**
   * What calls cost, by function and not by overload, as Kubernetes counts. Of libraries that declare one function, the first that says so counts.
   * Without it a call costs 1.
   */
  readonly cost?: CallCost;
}

export interface Overload {
  /** `string_to_quantity`; the recorded checker's output and costs go by it. */
  readonly id: string;
  /** `receiver.name(…)`: the receiver is the first of the parameters. */
  readonly member?: true;
  readonly parameters: readonly Type[];
  readonly result: Type;
  /** It is called with errors too; other functions return the first error among their arguments. */
  readonly nonStrict?: true;
  /**
   * Called with values that are of the parameters' types. Where several overloads are possible, which only the run shows, the first in order that fits is called;
   * when none does, the error is `no such overload: name(type, type)`.
   */
  readonly call?: Implementation;
}

// biome-ignore lint/suspicious/noExplicitAny: an implementation takes the values that its parameters' types say.
export type Implementation = (...args: any[]) => Result;

/** What calls of a function cost (CostEstimator of k8s.io/apiserver/pkg/cel/library/cost.go). */
export interface CallCost {
  /** What a call has cost, without its arguments; undefined: what cel-go says, mostly 1. */
  actual?(call: FinishedCall): number | undefined;
  /** What a call is to do beyond what Kubernetes counts. It is no part of what the evaluation has cost, but of what it may spend, and spent before the call. */
  work?(args: readonly Result[]): number;
  /** What a call may cost, without its arguments, and the size of what it returns; undefined: what cel-go says. */
  estimate?(call: PlannedCall): CallEstimate | undefined;
}

export interface FinishedCall {
  /** '' when it was chosen at run time. */
  readonly overload: string;
  /** The receiver first. Where one is an error, so is the result. */
  readonly args: readonly Result[];
  readonly result: Result;
}

export interface PlannedCall {
  readonly overload: string;
  readonly target?: Operand;
  /** Without the receiver. */
  readonly args: readonly Operand[];
}

/** An argument of a call, before it has a value. */
export interface Operand {
  readonly type: Type;
  /** How large it may be: code points, bytes, elements, entries; 0 to `UNBOUNDED` when nothing is known. */
  readonly size: Range;
  /** It is known how large it may be: from a literal, a schema, a function. */
  readonly sized: boolean;
  /** The value of a literal. */
  readonly literal?: Value;
  /** The elements of a list, the keys of a map (the first type parameter of its type); undefined when its type has none. */
  elements(): Operand | undefined;
}

export interface CallEstimate {
  readonly cost: Range;
  /** Of a result that is a string, bytes, a list or a map. */
  readonly resultSize?: Range;
}

/** The least and the most: of a size or of a cost, in whole units of 64 bits; see `range.ts`. */
export interface Range {
  readonly min: bigint;
  readonly max: bigint;
}
