import type { Expression } from './syntax.ts';

/** The names that an expression uses, of variables and of what macros make. */
export function identifiersIn(expression: Expression): ReadonlySet<string> {
  const names = new Set<string>();
  const waiting: (Expression | undefined)[] = [expression];
  for (let i = 0; i < waiting.length; i++) {
    const next = waiting[i];
    if (next?.kind === 'identifier') names.add(next.name);
    else if (next) waiting.push(...partsOf(next));
  }
  return names;
}

function partsOf(expression: Expression): (Expression | undefined)[] {
  switch (expression.kind) {
    case 'select':
      return [expression.operand];
    case 'call':
      return [expression.target, ...expression.args];
    case 'list':
      return [...expression.elements];
    case 'map':
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case 'struct':
      return expression.fields.map(({ value }) => value);
    case 'comprehension':
      return [expression.range, expression.initial, expression.condition, expression.step, expression.result];
    default:
      return [];
  }
}
