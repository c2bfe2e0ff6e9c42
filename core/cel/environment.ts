import type { Declarations, DeclaredFunction, IdentifierDeclaration } from './declarations.ts';
import type { SizeOfPath } from './estimate.ts';
import { optionals } from './libraries/optionals.ts';
import type { Library } from './library.ts';
import type { Macro } from './macro.ts';
import { protobufMessage } from './standard/messages.ts';
import { standard } from './standard/standard.ts';
import type { Type } from './type.ts';

/** What an expression is compiled in. */
export interface Environment extends Declarations {
  readonly macros: readonly Macro[];
  readonly optionalSyntax: boolean;
  readonly validators: readonly NonNullable<Library['validate']>[];
  /** Functions that take lists and maps of several types at once. */
  readonly takesMixed: ReadonlySet<string>;
  readonly sizeOfPath: SizeOfPath;
}

export interface EnvironmentOptions {
  /** By name; with dots in it: `authorizer.requestResource`. */
  readonly variables: Readonly<Record<string, Type>>;
  /**
   * How large a part of a variable may be, by its path in it, for what expressions may cost (`schema-type.ts`). It is asked about every name, also those of
   * constants: Kubernetes takes all of them for the object that a rule is about.
   */
  readonly sizeOfPath?: SizeOfPath;
  /** Beside the standard library, in the order in which their overloads are tried. */
  readonly libraries: readonly Library[];
  /** Types whose values expressions can make: `Object{…}`. */
  readonly struct?: Declarations['struct'];
}

/** Puts variables and libraries together. Throws when two of them do not go together, which is a bug. */
export function environment({ variables, libraries, struct = () => undefined, sizeOfPath = () => undefined }: EnvironmentOptions): Environment {
  const all = [standard, ...libraries];
  const identifiers = new Map<string, IdentifierDeclaration>();
  for (const library of all) for (const [name, constant] of Object.entries(library.constants ?? {})) identifiers.set(name, constant);
  for (const [name, type] of Object.entries(variables)) identifiers.set(name, { type });
  return {
    identifiers,
    functions: functionsOf(all),
    struct: (name) => struct(name) ?? protobufMessage(name),
    macros: all.flatMap((library) => library.macros ?? []),
    validators: all.flatMap((library) => library.validate ?? []),
    takesMixed: new Set(all.flatMap((library) => library.takesMixed ?? [])),
    optionalSyntax: libraries.includes(optionals),
    sizeOfPath: ([, ...path]) => sizeOfPath(path),
  };
}

function functionsOf(libraries: readonly Library[]): Map<string, DeclaredFunction> {
  const functions = new Map<string, DeclaredFunction>();
  for (const declared of libraries.flatMap((library) => library.functions ?? [])) {
    const known = functions.get(declared.name);
    if (known?.call && declared.call && known.call !== declared.call) throw new Error(`${declared.name} has two implementations`);
    functions.set(
      declared.name,
      known
        ? {
            ...declared,
            ...known,
            call: known.call ?? declared.call,
            cost: known.cost ?? declared.cost,
            overloads: [...known.overloads, ...declared.overloads],
          }
        : declared,
    );
  }
  return functions;
}
