import type { AdmissionOptions } from '../../cel/admission-environment.ts';
import type { Compiled, Uncompilable } from '../../cel/compile.ts';
import { Composition } from '../../cel/composition.ts';
import type { Variable } from '../../schema/generated/kinds.ts';

/** An expression of a policy or a webhook, compiled when it is first evaluated. */
export class Expression {
  readonly text: string;
  readonly #compile: () => Compiled | Uncompilable;
  #compiled: Compiled | Uncompilable | undefined;

  constructor(text: string, compile: () => Compiled | Uncompilable) {
    this.text = text;
    this.#compile = compile;
  }

  get compiled(): Compiled | Uncompilable {
    this.#compiled ??= this.#compile();
    return this.#compiled;
  }
}

/** The expressions of one policy: each may refer to its variables, a variable to those before it. */
export class Expressions {
  readonly variables: ReadonlyMap<string, Expression>;
  readonly #variables: readonly Variable[];
  readonly #params: boolean;
  #composition: Composition | undefined;

  constructor({ params = false, variables = [] }: { readonly params?: boolean; readonly variables?: readonly Variable[] | undefined } = {}) {
    this.#params = params;
    this.#variables = variables;
    this.variables = new Map(variables.map(({ name, expression }) => [name, new Expression(expression, () => this.#ofVariable(name))]));
  }

  expression(text: string, options: Omit<AdmissionOptions, 'params'>): Expression {
    return new Expression(text, () => this.#composed().compile(text, options));
  }

  readonly #compiledVariables = new Map<string, Compiled | Uncompilable>();

  #ofVariable(name: string): Compiled | Uncompilable {
    this.#composed();
    return this.#compiledVariables.get(name)!;
  }

  /** With all variables declared, each of the type that it turned out to be of. */
  #composed(): Composition {
    if (!this.#composition) {
      this.#composition = new Composition({ params: this.#params, variables: true });
      for (const { name, expression } of this.#variables) {
        const compiled = this.#composition.compile(expression, { authorizer: true });
        this.#composition.declare(name, 'type' in compiled ? compiled.type : undefined);
        this.#compiledVariables.set(name, compiled);
      }
    }
    return this.#composition;
  }
}
