import type { AdmissionOptions } from '../../cel/admission-environment.ts';
import { sameType } from '../../cel/assignable.ts';
import { Composition } from '../../cel/composition.ts';
import { BOOL, listOf, NULL, STRING, structType, type Type } from '../../cel/type.ts';
import type { FieldError } from '../../kube/status.ts';
import { internalError, invalidValue } from '../../kube/validation/field.ts';

/** What an expression must evaluate to (`ReturnTypes` of the accessors in k8s.io/apiserver/pkg/admission/plugin); none: to anything. */
export const returns = {
  condition: [BOOL],
  message: [STRING],
  auditAnnotation: [STRING, NULL],
  applyConfiguration: [structType('Object')],
  jsonPatch: [listOf(structType('JSONPatch'))],
  variable: [],
} as const satisfies Readonly<Record<string, readonly Type[]>>;

export interface CheckedExpression extends Omit<AdmissionOptions, 'params'> {
  readonly expression: string;
  readonly returns: readonly Type[];
  readonly field: string;
  /** What an error quotes, where that is not the expression as it is compiled. */
  readonly quoted?: string;
}

/** The expressions of one policy, or match conditions, as they are written. */
export class Expressions {
  readonly #composition: Composition;

  constructor(of: ConstructorParameters<typeof Composition>[0] = {}) {
    this.#composition = new Composition(of);
  }

  /** Why it cannot be evaluated. */
  errors(checked: CheckedExpression): FieldError[] {
    return this.#compiled(checked).errors;
  }

  /** The same of a variable, which the expressions after it may refer to, whatever is wrong with it. */
  variableErrors(name: string, expression: string, field: string): FieldError[] {
    const { type, errors } = this.#compiled({ expression, field, returns: returns.variable, authorizer: true });
    this.#composition.declare(name, type);
    return errors;
  }

  #compiled({ expression, returns, field, quoted = expression, authorizer, patches }: CheckedExpression): { type?: Type; errors: FieldError[] } {
    const compiled = this.#composition.compile(expression, { authorizer, patches });
    if ('issues' in compiled) {
      const { program, message } = compiled;
      return {
        errors: [program ? internalError(field, `program instantiation failed: ${message}`) : invalidValue(field, quoted, `compilation failed: ${message}`)],
      };
    }
    const { type } = compiled;
    if (returns.length === 0 || returns.some((one) => sameType(type, one))) return { type, errors: [] };
    const wanted = returns.length === 1 ? returns[0]!.declaredName : `one of [${returns.map(({ declaredName }) => declaredName).join(' ')}]`;
    return { errors: [invalidValue(field, quoted, `must evaluate to ${wanted} but got ${type.declaredName}`)] };
  }
}
