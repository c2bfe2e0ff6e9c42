import { Type } from './type.ts';
import { Duration, ListValue, MapValue, Optional, Timestamp, Uint, type Value } from './value.ts';

/** How Go prints the type of a value of cel-go. */
export function goTypeOf(value: Value): string {
  switch (typeof value) {
    case 'bigint':
      return 'types.Int';
    case 'number':
      return 'types.Double';
    case 'string':
      return 'types.String';
    case 'boolean':
      return 'types.Bool';
  }
  if (value === null) return 'types.Null';
  if (value instanceof Uint) return 'types.Uint';
  if (value instanceof Uint8Array) return 'types.Bytes';
  if (value instanceof Timestamp) return 'types.Timestamp';
  if (value instanceof Duration) return 'types.Duration';
  if (value instanceof Optional) return '*types.Optional';
  if (value instanceof Type) return '*types.Type';
  if (value instanceof ListValue) return '*types.baseList';
  if (value instanceof MapValue) return '*types.baseMap';
  return value.type.name.replace(/^kubernetes\.(Named)?|^net\./, 'cel.');
}
