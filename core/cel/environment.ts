import type { Declarations, DeclaredFunction, IdentifierDeclaration } from './declarations.ts';
import type { SizeOfPath } from './estimate.ts';
import type { Library } from './library.ts';
import type { Macro } from './macro.ts';
import { optionals } from './optionals.ts';
import { standard } from './standard/standard.ts';
import { Type } from './type.ts';

/** What an expression is compiled in. */
export interface Environment extends Declarations {
  readonly macros: readonly Macro[];
  readonly optionalSyntax: boolean;
  readonly sizeOfPath: SizeOfPath;
}

/** A variable whose sizes are known too, for what an expression may cost (`schema-type.ts`). */
export interface SizedType {
  readonly type: Type;
  sizeOfPath(path: readonly string[]): ReturnType<SizeOfPath>;
}

export interface EnvironmentOptions {
  /** By name; with dots in it: `authorizer.requestResource`. */
  readonly variables: Readonly<Record<string, Type | SizedType>>;
  /** Beside the standard library, in the order in which their overloads are tried. */
  readonly libraries: readonly Library[];
  /** Types whose values expressions can make: `Object{…}`. */
  readonly struct?: Declarations['struct'];
}

/** Puts variables and libraries together. Throws when two of them do not go together, which is a bug. */
export function environment({ variables, libraries, struct = () => undefined }: EnvironmentOptions): Environment {
  const all = [standard, ...libraries];
  const identifiers = new Map<string, IdentifierDeclaration>();
  for (const library of all) for (const [name, constant] of Object.entries(library.constants ?? {})) identifiers.set(name, constant);
  for (const [name, variable] of Object.entries(variables)) identifiers.set(name, { type: variable instanceof Type ? variable : variable.type });
  const sizes = new Map(Object.entries(variables).filter((entry): entry is [string, SizedType] => !(entry[1] instanceof Type)));
  return {
    identifiers,
    functions: functionsOf(all),
    struct,
    macros: all.flatMap((library) => library.macros ?? []),
    optionalSyntax: libraries.includes(optionals),
    // Kubernetes looks up every path in the one type that it knows, whatever the name that it begins with.
    sizeOfPath: ([name, ...path]) => (sizes.get(name!) ?? sizes.values().next().value)?.sizeOfPath(path),
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
