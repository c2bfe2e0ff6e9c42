import type { Macro } from './macro.ts';
import { ADD, AND, CONDITIONAL, EQUALS, NOT, NOT_STRICTLY_FALSE, OR } from './operator-names.ts';
import { ACCUMULATOR, type Comprehension, type Expression, type ExpressionFactory, MacroError } from './syntax.ts';

const NOT_IDENTIFIER = 'argument is not an identifier';

const has: Macro = {
  name: 'has',
  member: false,
  arguments: 1,
  expand: (make, _, [field]) => {
    if (field!.kind !== 'select') throw new MacroError(field!.id, 'invalid argument to has() macro');
    return make.presence(field!.operand, field!.field);
  },
};

/** The macros of every environment (cel-spec, "Macros"): a list's elements, or a map's keys. */
export const standardMacros: readonly Macro[] = [
  has,
  ...['all', 'exists', 'exists_one'].map((name) => overVariable(name, 2, 'argument must be a simple name', ([, test], make) => quantifier(name, make, test!))),
  overVariable('map', 2, NOT_IDENTIFIER, ([, value], make) => collected(make, value!)),
  overVariable('map', 3, NOT_IDENTIFIER, ([, test, value], make) => collected(make, value!, test)),
  overVariable('filter', 2, NOT_IDENTIFIER, ([element, test], make) => collected(make, element!, test)),
];

type Loop = Pick<Comprehension, 'initial' | 'condition' | 'step' | 'result'>;

function overVariable(name: string, count: number, wrong: string, loop: (args: readonly Expression[], make: ExpressionFactory) => Loop): Macro {
  return {
    name,
    member: true,
    arguments: count,
    expand: (make, target, args) => {
      const variable = args[0]!;
      if (variable.kind !== 'identifier') throw new MacroError(variable.id, wrong);
      refuseAccumulator(variable);
      return make.comprehension({ range: target!, variable: variable.name, accumulator: ACCUMULATOR, ...loop(args, make) });
    },
  };
}

/** Variables that would hide the accumulator. `__result__` is its name in older expressions. */
export function refuseAccumulator(variable: Expression & { kind: 'identifier' }): void {
  if (variable.name === ACCUMULATOR || variable.name === '__result__') {
    throw new MacroError(variable.id, 'iteration variable overwrites accumulator variable');
  }
}

/** `all`, `exists`, `exists_one` over whatever the loop's variables are. */
export function quantifier(name: string, make: ExpressionFactory, test: Expression): Loop {
  const so = () => make.identifier(ACCUMULATOR);
  switch (name) {
    case 'all':
      return { initial: make.literal(true), condition: make.call(NOT_STRICTLY_FALSE, so()), step: make.call(AND, so(), test), result: so() };
    case 'exists':
      return {
        initial: make.literal(false),
        condition: make.call(NOT_STRICTLY_FALSE, make.call(NOT, so())),
        step: make.call(OR, so(), test),
        result: so(),
      };
    default:
      return {
        initial: make.literal(0n),
        condition: make.literal(true),
        step: make.call(CONDITIONAL, test, make.call(ADD, so(), make.literal(1n)), so()),
        result: make.call(EQUALS, so(), make.literal(1n)),
      };
  }
}

/** A list of what each round gives, of those for which the test is true. */
export function collected(make: ExpressionFactory, value: Expression, test?: Expression): Loop {
  const so = () => make.identifier(ACCUMULATOR);
  const added = make.call(ADD, so(), make.list(value));
  return { initial: make.list(), condition: make.literal(true), step: test ? make.call(CONDITIONAL, test, added, so()) : added, result: so() };
}
