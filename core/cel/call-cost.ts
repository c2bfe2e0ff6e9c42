import type { CallCost } from './library.ts';
import { STRING_TRAVERSAL } from './range.ts';
import { searchCost } from './regular-expression.ts';
import { sizeOf } from './size.ts';
import { OpaqueValue, type Result } from './value.ts';

/** What a finished call costs by its arguments and its result; a number when every call costs the same. */
export type Tariff = number | ((args: readonly Result[], result: Result) => number);

/** What calls of a function cost: what its library says, and otherwise what cel-go says of the overload ('' when it is chosen at run time). */
export function tariffOf(overload: string, cost: CallCost | undefined): Tariff {
  const own = tariffs[overload] ?? 1;
  if (!cost?.actual) return own;
  return (args, result) => cost.actual!({ overload, args, result }) ?? (typeof own === 'number' ? own : own(args, result));
}

const traversed = (value: Result) => Math.ceil(sizeOf(value) * STRING_TRAVERSAL);

const traversal: Tariff = ([text]) => traversed(text!);
const shorter: Tariff = ([a, b]) => Math.ceil(Math.min(sizeOf(a!), sizeOf(b!)) * STRING_TRAVERSAL);
const both: Tariff = ([a, b]) => Math.ceil((sizeOf(a!) + sizeOf(b!)) * STRING_TRAVERSAL);

/** Whatever is not named here costs 1: interpreter/runtimecost.go of cel-go, `costCall`. */
const tariffs: Readonly<Record<string, Tariff>> = {
  starts_with_string: traversal,
  ends_with_string: traversal,
  string_to_bytes: traversal,
  bytes_to_string: traversal,
  strings_quote: traversal,
  string_format: traversal,
  in_list: ([, list]) => sizeOf(list!),
  less_string: shorter,
  greater_string: shorter,
  less_equals_string: shorter,
  greater_equals_string: shorter,
  less_bytes: shorter,
  greater_bytes: shorter,
  less_equals_bytes: shorter,
  greater_equals_bytes: shorter,
  equals: (args) => (args[0] instanceof OpaqueValue && args[0].type.equality ? 1 : (shorter as Exclude<Tariff, number>)(args, null)),
  not_equals: shorter,
  add_string: both,
  add_bytes: both,
  // A regular expression of no characters, or one that is applied to none, is not free.
  matches_string: ([text, pattern]) => searchCost(text!, sizeOf(pattern!)),
  contains_string: ([text, part]) => traversed(text!) * traversed(part!),
};
