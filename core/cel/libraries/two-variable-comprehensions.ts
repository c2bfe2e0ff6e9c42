import { keyText } from '../attribute.ts';
import type { Library } from '../library.ts';
import type { Macro } from '../macro.ts';
import { collected, quantifier, refuseAccumulator } from '../macros.ts';
import { CONDITIONAL } from '../operator-names.ts';
import { ACCUMULATOR, type Comprehension, type Expression, type ExpressionFactory, MacroError } from '../syntax.ts';
import { mapOf, parameter } from '../type.ts';
import { type Entries, Failure, type MapValue, type Value } from '../value.ts';

const INSERT = 'cel.@mapInsert';
const K = parameter('K');
const V = parameter('V');

/** Macros with two variables: index and element, or key and value (ext/comprehensions.go of cel-go). */
export const twoVariableComprehensions: Library = {
  name: 'cel.lib.ext.comprev2',
  macros: [
    ...['all', 'exists', 'existsOne', 'exists_one'].map((name) => overVariables(name, 3, (make, _, test) => quantifier(name, make, test!))),
    ...[3, 4].flatMap((count) => [
      overVariables('transformList', count, (make, _, ...args) => collected(make, args.at(-1)!, count === 4 ? args[0] : undefined)),
      overVariables('transformMap', count, (make, key, ...args) => inserted(make, [make.identifier(key), args.at(-1)!], count === 4 ? args[0] : undefined)),
      overVariables('transformMapEntry', count, (make, _, ...args) => inserted(make, [args.at(-1)!], count === 4 ? args[0] : undefined)),
    ]),
  ],
  functions: [
    {
      name: INSERT,
      overloads: [
        { id: '@mapInsert_map_key_value', parameters: [mapOf(K, V), K, V], result: mapOf(K, V), call: insert },
        { id: '@mapInsert_map_map', parameters: [mapOf(K, V), mapOf(K, V)], result: mapOf(K, V), call: insertAll },
      ],
    },
  ],
};

type Loop = Pick<Comprehension, 'initial' | 'condition' | 'step' | 'result'>;

function overVariables(name: string, count: number, loop: (make: ExpressionFactory, key: string, ...args: Expression[]) => Loop): Macro {
  return {
    name,
    member: true,
    arguments: count,
    expand: (make, target, [first, second, ...args]) => {
      const key = variable(first!);
      const value = variable(second!);
      if (key.name === value.name) throw new MacroError(value.id, `duplicate variable name: ${key.name}`);
      refuseAccumulator(key);
      refuseAccumulator(value);
      return make.comprehension({ range: target!, variable: key.name, variable2: value.name, accumulator: ACCUMULATOR, ...loop(make, key.name, ...args) });
    },
  };
}

function variable(expression: Expression): Expression & { kind: 'identifier' } {
  if (expression.kind !== 'identifier') throw new MacroError(expression.id, 'argument must be a simple name');
  return expression;
}

function inserted(make: ExpressionFactory, entry: Expression[], test: Expression | undefined): Loop {
  const so = () => make.identifier(ACCUMULATOR);
  const step = make.call(INSERT, so(), ...entry);
  return { initial: make.map(), condition: make.literal(true), step: test ? make.call(CONDITIONAL, test, step, so()) : step, result: so() };
}

/** Into the map of a macro, which nothing else has: no expression can spell the function's name. */
function insert(map: Entries, key: Value, value: Value): Entries | Failure {
  if (map.find(key) !== undefined) return new Failure(`insert failed: key ${keyText(key)} already exists`);
  map.insert(key, value);
  return map;
}

function insertAll(map: Entries, more: MapValue): Entries | Failure {
  for (const key of more.keys()) {
    const value = more.find(key)!;
    const failed = value instanceof Failure ? value : insert(map, key, value);
    if (failed instanceof Failure) return failed;
  }
  return map;
}
