import type { Type } from './type.ts';
import { Failure, ListValue, MapValue, type Result, typeOf, type Value } from './value.ts';

/** Whether a value is of a parameter's type, as far as it shows: lists and maps are judged by their first element. */
export function isOfType(type: Type, value: Value): boolean {
  switch (type.kind) {
    case 'dyn':
    case 'parameter':
      return true;
    case 'int':
      return typeof value === 'bigint';
    case 'double':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'bool':
      return typeof value === 'boolean';
    case 'list':
      return value instanceof ListValue && (value.size === 0 || isResultOf(type.parameters[0]!, value.at(0)));
    case 'map':
      return value instanceof MapValue && firstEntryIsOf(type, value);
    default:
      return type.name === typeOf(value).name;
  }
}

/** What is not what its schema says is of any type, and of no other. */
const isResultOf = (type: Type, result: Result): boolean =>
  result instanceof Failure ? type.kind === 'dyn' || type.kind === 'parameter' : isOfType(type, result);

function firstEntryIsOf(type: Type, map: MapValue): boolean {
  for (const key of map.keys()) return isOfType(type.parameters[0]!, key) && isResultOf(type.parameters[1]!, map.find(key)!);
  return true;
}
