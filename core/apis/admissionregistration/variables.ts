import type { FieldError } from '../../kube/status.ts';
import { invalidValue, required } from '../../kube/validation/field.ts';
import type { Variable } from '../../schema/generated/kinds.ts';
import type { Expressions } from './expressions.ts';

/** The variables of a policy (validateVariable): each may refer to those before it. */
export const validateVariables = (variables: readonly Variable[], path: string, expressions: Expressions): FieldError[] =>
  variables.flatMap((variable, i) => validateVariable(variable, `${path}[${i}]`, expressions));

function validateVariable({ name, expression }: Variable, path: string, expressions: Expressions): FieldError[] {
  return [
    ...(name?.trim() ? [] : [required(`${path}.name`, 'name is not specified')]),
    ...(name?.trim() && !isIdentifier(name) ? [invalidValue(`${path}.name`, name, 'must be a valid CEL identifier')] : []),
    ...(expression?.trim()
      ? expressions.variableErrors(name ?? '', expression, `${path}.expression`)
      : [required(`${path}.expression`, 'expression is not specified')]),
  ];
}

const isIdentifier = (name: string): boolean => /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) && !reserved.has(name);

/** The literals and reserved words of CEL (cel-spec, "Syntax"). */
const reserved = new Set('true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '));
