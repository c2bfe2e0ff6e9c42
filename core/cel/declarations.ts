import type { FunctionDeclaration } from './library.ts';
import type { Fields, Type } from './type.ts';
import type { Result, Value } from './value.ts';

/** What an expression can refer to. `environment.ts` makes it of variables and libraries. */
export interface Declarations {
  /** By name; with dots in it: `google.protobuf.Timestamp`, `net.IP`. */
  readonly identifiers: ReadonlyMap<string, IdentifierDeclaration>;
  readonly functions: ReadonlyMap<string, DeclaredFunction>;
  /** A type of messages, by its name: `Object.spec`. */
  struct(name: string): StructDeclaration | undefined;
}

export interface IdentifierDeclaration {
  readonly type: Type;
  /** Of a constant: a type's name stands for the type. */
  readonly value?: Value;
}

/** A function with the overloads of all libraries that declare it. */
export type DeclaredFunction = FunctionDeclaration;

export interface StructDeclaration {
  readonly type: Type;
  /** What it is made of, where that is not what can be selected from a value of the type. */
  readonly fields?: Fields;
  /** `Name{field: value}`; absent where none can be made. */
  construct?(fields: ReadonlyMap<string, Value>): Result;
}
