import type { Library } from '../library.ts';
import { MacroError } from '../syntax.ts';

/** `cel.bind(name, value, expression)`: a variable of an expression (ext/bindings.go of cel-go). Selectors of devices have it, admission policies do not. */
export const bindings: Library = {
  name: 'cel.lib.ext.cel.bindings',
  macros: [
    {
      name: 'bind',
      member: true,
      arguments: 3,
      expand: (make, target, [variable, value, expression]) => {
        if (target?.kind !== 'identifier' || target.name !== 'cel') return undefined;
        if (variable!.kind !== 'identifier') throw new MacroError(variable!.id, 'cel.bind() variable names must be simple identifiers');
        return make.comprehension({
          range: make.list(),
          variable: '#unused',
          accumulator: variable!.name,
          initial: value!,
          condition: make.literal(false),
          step: make.identifier(variable!.name),
          result: expression!,
        });
      },
    },
  ],
};
