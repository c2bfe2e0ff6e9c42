import { keyText } from '../attribute.ts';
import type { Library } from '../library.ts';
import type { Macro } from '../macro.ts';
import { CONDITIONAL, INDEX, OPTIONAL_INDEX, OPTIONAL_SELECT } from '../operator-names.ts';
import { type Expression, type ExpressionFactory, MacroError } from '../syntax.ts';
import { BOOL, DYN, INT, listOf, mapOf, optionalOf, parameter, STRING, typeOfType } from '../type.ts';
import { Duration, Elements, Failure, ListValue, MapValue, OpaqueValue, Optional, type Result, Timestamp, Uint, type Value } from '../value.ts';

const K = parameter('K');
const V = parameter('V');
const OPTIONAL = optionalOf(V);

/** Values that may be there or not (cel-spec proposal 246; OptionalTypes of cel-go's cel/library.go). What it adds to the syntax, the parser knows. */
export const optionals: Library = {
  name: 'cel.lib.optional',
  macros: [optionalMacro('optMap', (make, value) => make.call('optional.of', value)), optionalMacro('optFlatMap', (_, value) => value)],
  constants: { optional_type: { type: typeOfType(optionalOf(V)), value: optionalOf(V) } },
  functions: [
    { name: 'optional.of', overloads: [{ id: 'optional_of', parameters: [V], result: OPTIONAL, call: (value: Value) => new Optional(value) }] },
    {
      name: 'optional.ofNonZeroValue',
      overloads: [
        { id: 'optional_ofNonZeroValue', parameters: [V], result: OPTIONAL, call: (value: Value) => (isZero(value) ? Optional.none : new Optional(value)) },
      ],
    },
    { name: 'optional.none', overloads: [{ id: 'optional_none', parameters: [], result: OPTIONAL, call: () => Optional.none }] },
    {
      name: 'value',
      overloads: [
        {
          id: 'optional_value',
          member: true,
          parameters: [OPTIONAL],
          result: V,
          call: ({ value }: Optional) => (value === undefined ? new Failure('optional.none() dereference') : value),
        },
      ],
    },
    {
      name: 'hasValue',
      overloads: [{ id: 'optional_hasValue', member: true, parameters: [OPTIONAL], result: BOOL, call: ({ value }: Optional) => value !== undefined }],
    },
    // These two evaluate their argument only if they need it (plan.ts).
    { name: 'or', overloads: [{ id: 'optional_or_optional', member: true, parameters: [OPTIONAL, OPTIONAL], result: OPTIONAL }] },
    { name: 'orValue', overloads: [{ id: 'optional_orValue_value', member: true, parameters: [OPTIONAL, V], result: V }] },
    { name: OPTIONAL_SELECT, overloads: [{ id: 'select_optional_field', parameters: [DYN, STRING], result: OPTIONAL }] },
    {
      name: OPTIONAL_INDEX,
      overloads: [
        { id: 'list_optindex_optional_int', parameters: [listOf(V), INT], result: OPTIONAL },
        { id: 'optional_list_optindex_optional_int', parameters: [optionalOf(listOf(V)), INT], result: OPTIONAL },
        { id: 'map_optindex_optional_value', parameters: [mapOf(K, V), K], result: OPTIONAL },
        { id: 'optional_map_optindex_optional_value', parameters: [optionalOf(mapOf(K, V)), K], result: OPTIONAL },
      ],
    },
    {
      name: INDEX,
      overloads: [
        { id: 'optional_list_index_int', parameters: [optionalOf(listOf(V)), INT], result: OPTIONAL },
        { id: 'optional_map_index_value', parameters: [optionalOf(mapOf(K, V)), K], result: OPTIONAL },
      ],
    },
    {
      name: 'last',
      overloads: [{ id: 'list_last', member: true, parameters: [listOf(V)], result: OPTIONAL, call: (list: ListValue) => at(list, list.size - 1) }],
    },
    { name: 'first', overloads: [{ id: 'list_first', member: true, parameters: [listOf(V)], result: OPTIONAL, call: (list: ListValue) => at(list, 0) }] },
    { name: 'optional.unwrap', overloads: [{ id: 'optional_unwrap', parameters: [listOf(OPTIONAL)], result: listOf(V), call: unwrap }] },
    { name: 'unwrapOpt', overloads: [{ id: 'optional_unwrapOpt', member: true, parameters: [listOf(OPTIONAL)], result: listOf(V), call: unwrap }] },
  ],
};

/** `optional.optMap(variable, expression)`: the variable is what the optional holds. */
function optionalMacro(name: string, wrap: (make: ExpressionFactory, value: Expression) => Expression): Macro {
  return {
    name,
    member: true,
    arguments: 2,
    expand: (make, target, [variable, value]) => {
      if (variable!.kind !== 'identifier') throw new MacroError(variable!.id, `${name}() variable name must be a simple identifier`);
      const held = make.comprehension({
        range: make.list(),
        variable: '#unused',
        accumulator: variable!.name,
        initial: make.memberCall('value', make.copy(target!)),
        condition: make.literal(false),
        step: make.identifier(variable!.name),
        result: value!,
      });
      return make.call(CONDITIONAL, make.memberCall('hasValue', target!), wrap(make, held), make.call('optional.none'));
    },
  };
}

function isZero(value: Value): boolean {
  if (value === null || value === false || value === 0 || value === 0n || value === '') return true;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Duration) return value.nanos === 0n;
  if (value instanceof Timestamp) return value.seconds === ZERO_TIME && value.nanos === 0;
  return (value instanceof ListValue || value instanceof MapValue || value instanceof OpaqueValue) && value.isZero;
}

/** Go's zero time: 0001-01-01T00:00:00Z. */
const ZERO_TIME = -62_135_596_800;

function at(list: ListValue, index: number): Result {
  if (list.size === 0) return Optional.none;
  const element = list.at(index);
  return element instanceof Failure ? element : new Optional(element);
}

function unwrap(list: ListValue): Result {
  const values: Value[] = [];
  for (const optional of list) {
    if (optional instanceof Failure) return optional;
    if (!(optional instanceof Optional)) return new Failure(`value ${keyText(optional)} is not optional`);
    if (optional.value !== undefined) values.push(optional.value);
  }
  return new Elements(values);
}
