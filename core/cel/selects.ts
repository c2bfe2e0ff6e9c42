import type { Environment } from './environment.ts';
import { OPTIONAL_SELECT } from './operator-names.ts';
import { parse } from './parser.ts';
import { partsOf } from './parts-of.ts';
import { Source } from './source.ts';
import type { Expression } from './syntax.ts';

/** Whether an expression selects a field of a variable somewhere: `claims.email`, `claims.?email`, `has(claims.email)`. */
export function selects(expression: string, { variable, field, environment }: { variable: string; field: string; environment: Environment }): boolean {
  const parsed = parse(new Source(expression), { macros: environment.macros, optional: environment.optionalSyntax });
  return !('issues' in parsed) && found(parsed.expression, variable, field);
}

function found(expression: Expression | undefined, variable: string, field: string): boolean {
  if (!expression) return false;
  const isIt = (operand: Expression | undefined) => operand?.kind === 'identifier' && operand.name === variable;
  switch (expression.kind) {
    case 'select':
      if (isIt(expression.operand) && expression.field === field) return true;
      break;
    case 'call': {
      const [operand, name] = expression.args;
      if (expression.function === OPTIONAL_SELECT && isIt(operand) && name?.kind === 'literal' && name.value === field) return true;
    }
  }
  return partsOf(expression).some((part) => found(part, variable, field));
}
