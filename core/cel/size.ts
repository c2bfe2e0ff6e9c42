import { codePoints } from './code-points.ts';
import { ListValue, MapValue, OpaqueValue, Optional, type Result } from './value.ts';

/** How large a value is to the cost of a call: what `size()` says where it is defined, and 1 elsewhere (actualSize of cel-go's interpreter/runtimecost.go). */
export function sizeOf(value: Result): number {
  if (typeof value === 'string') return codePoints(value);
  if (value instanceof ListValue || value instanceof MapValue) return value.size;
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof OpaqueValue) return value.costSize;
  if (value instanceof Optional && value.value !== undefined) return sizeOf(value.value);
  return 1;
}
