import { type AdmissionOptions, admissionEnvironment, typeOfVariable, variablesOf, withVariables } from './admission-environment.ts';
import { type Compiled, compile, type Uncompilable } from './compile.ts';
import { DYN, type Type } from './type.ts';

/**
 * What the expressions of one policy are compiled in, each of whose variables may be referred to after it, or match conditions, which have none
 * (k8s.io/apiserver/pkg/admission/plugin/cel, compile.go and composition.go).
 */
export class Composition {
  readonly #params: boolean;
  /** undefined: there is no `variables`. */
  readonly #variables: Map<string, Type> | undefined;

  constructor({ params = false, variables = false }: { readonly params?: boolean; readonly variables?: boolean } = {}) {
    this.#params = params;
    this.#variables = variables ? new Map() : undefined;
  }

  compile(expression: string, options: Omit<AdmissionOptions, 'params'>): Compiled | Uncompilable {
    const within = admissionEnvironment({ ...options, params: this.#params });
    return compile(expression, this.#variables ? withVariables(within, { variables: variablesOf(this.#variables) }) : within);
  }

  /** A variable of a type, or of one that is not known, for what is compiled from now on. */
  declare(name: string, type: Type | undefined): void {
    this.#variables?.set(name, type ? typeOfVariable(type) : DYN);
  }
}
