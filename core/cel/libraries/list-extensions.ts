import { compare, hasOrder } from '../comparison.ts';
import type { FunctionDeclaration, Implementation, Library, Overload } from '../library.ts';
import type { Macro } from '../macro.ts';
import { collected, refuseAccumulator } from '../macros.ts';
import { exactly, UNBOUNDED } from '../range.ts';
import { ACCUMULATOR, MacroError } from '../syntax.ts';
import { INT, LIST, listOf, parameter, type Type } from '../type.ts';
import { Elements, Failure, hasNone, ListValue, noSuchOverload, type Result, typeOf, type Value } from '../value.ts';
import { boundElements } from './bounds.ts';
import { FLATTENING, integerOf, outputOf, selfComparison } from './list-costs.ts';
import { orderedTypes } from './lists.ts';
import { Membership } from './membership.ts';

const T_LIST = listOf(parameter('T'));
const SORT_BY_KEYS = '@sortByAssociatedKeys';

const member = (id: string, parameters: readonly Type[], result: Type, call: Overload['call']): Overload => ({ id, member: true, parameters, result, call });

/** `list.sort()`, `list.flatten()`, `lists.range(n)`: version 3 of cel-go's ext/lists.go. */
export const listExtensionsLibrary: Library = {
  name: 'cel.lib.ext.lists',
  macros: [sortBy()],
  functions: [
    {
      name: 'slice',
      overloads: [member('list_slice', [T_LIST, INT, INT], T_LIST, slice)],
      cost: outputOf((target, [start, end]) => exactly(BigInt.asUintN(64, (integerOf(end!) ?? target!.size.max) - (integerOf(start!) ?? 0n)))),
    },
    {
      name: 'flatten',
      overloads: [
        { id: 'list_flatten', member: true, parameters: [listOf(T_LIST)], result: T_LIST },
        { id: 'list_flatten_int', member: true, parameters: [LIST, INT], result: LIST },
      ],
      // A list that is flat already is taken too, where only the run shows that.
      call: (list: Value, depth: Value = 1n) => (list instanceof ListValue && typeof depth === 'bigint' ? flatten(list, depth) : noSuchOverload()),
      cost: FLATTENING,
    },
    sorting(
      'sort',
      (type) => [listOf(type)],
      (type) => listOf(type),
      (list: ListValue) => sortByKeys(list, list),
    ),
    sorting(
      SORT_BY_KEYS,
      (type) => [T_LIST, listOf(type)],
      () => T_LIST,
      sortByKeys,
    ),
    {
      name: 'lists.range',
      overloads: [{ id: 'lists_range', parameters: [INT], result: listOf(INT), call: (n: bigint) => new Numbers(n) }],
      cost: outputOf((_, [n]) => exactly(integerOf(n!) ?? UNBOUNDED)),
    },
    {
      name: 'reverse',
      overloads: [member('list_reverse', [T_LIST], T_LIST, (list: ListValue) => listFrom([...list].reverse()))],
      cost: outputOf((target) => target!.size),
    },
    { name: 'distinct', overloads: [member('list_distinct', [T_LIST], T_LIST, distinct)], cost: selfComparison(0) },
  ],
};

/** From 0 to one below a number: of any size, which the limit on costs then refuses. */
class Numbers extends ListValue {
  readonly size: number;

  constructor(end: bigint) {
    super();
    this.size = end < 0n ? 0 : Number(end);
  }

  at(index: number): bigint {
    return BigInt(index);
  }
}

/** An element that is not what its schema says is what comes of it. */
function listFrom(elements: readonly Result[]): Elements | Failure {
  return (elements.find((element) => element instanceof Failure) as Failure | undefined) ?? new Elements(elements as readonly Value[]);
}

function slice(list: ListValue, start: bigint, end: bigint): Result {
  const wrong = (reason: string) => new Failure(`cannot slice(${start}, ${end}), ${reason}`);
  if (start < 0n || end < 0n) return wrong('negative indexes not supported');
  if (start > end) return wrong('start index must be less than or equal to end index');
  if (end > BigInt(list.size)) return wrong(`list is length ${list.size}`);
  return listFrom(Array.from({ length: Number(end - start) }, (_, i) => list.at(Number(start) + i)));
}

function flatten(list: ListValue, depth: bigint): Result {
  if (depth < 0n) return new Failure('level must be non-negative');
  const elements: Result[] = [];
  // A stack of its own: lists may be nested deeper than JavaScript's.
  const open = [{ list, at: 0 }];
  let seen = 0;
  while (open.length) {
    const top = open.at(-1)!;
    if (top.at === top.list.size) {
      open.pop();
      continue;
    }
    const element = top.list.at(top.at++);
    boundElements(++seen);
    if (element instanceof ListValue && BigInt(open.length) <= depth) open.push({ list: element, at: 0 });
    else elements.push(element);
  }
  return listFrom(elements);
}

function distinct(list: ListValue): Result {
  const seen = new Membership();
  const elements: Result[] = [];
  for (const element of list) {
    if (seen.has(element)) continue;
    seen.add(element);
    elements.push(element);
  }
  return listFrom(elements);
}

function sorting(name: string, parameters: (of: Type) => Type[], result: (of: Type) => Type, call: Implementation): FunctionDeclaration {
  return {
    name,
    call: (list: Value, ...keys: Value[]) => (list instanceof ListValue ? call(list, ...keys) : hasNone(list, name)),
    overloads: Object.entries(orderedTypes).map(([, type]) => ({
      id: `list_${type.name}_${name.replace('@', '')}`,
      member: true,
      parameters: parameters(type),
      result: result(type),
    })),
    cost: selfComparison(name === 'sort' ? 0 : 1),
  };
}

function sortByKeys(list: ListValue, keys: ListValue): Result {
  if (list.size !== keys.size) {
    return new Failure(
      `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${list.size} and ${keys.size} elements respectively`,
    );
  }
  const known = listFrom([...keys]);
  if (known instanceof Failure || list.size === 0) return known instanceof Failure ? known : list;
  const { elements } = known;
  if (!hasOrder(elements[0]!)) return new Failure('list elements must be comparable');
  const type = typeOf(elements[0]!);
  if (elements.some((element) => typeOf(element) !== type)) return new Failure('list elements must have the same type');
  const isBefore = (i: number, j: number) => isBelow(compare(elements[i]!, elements[j]!));
  return listFrom(sorted(elements.length, isBefore).map((i) => list.at(i)));
}

// NaN is before nothing, and nothing is before it.
const isBelow = (order: number | Failure): boolean => typeof order === 'number' && order < 0;

/**
 * The numbers below `length` in order. Go sorts a short list by insertion, which shows when NaN is in it. Of a longer one it says nothing of the order among equals, which stay
 * as they are here.
 */
function sorted(length: number, isBefore: (i: number, j: number) => boolean): number[] {
  const order = Array.from({ length }, (_, i) => i);
  if (length > 12) return order.sort((i, j) => (isBefore(i, j) ? -1 : Number(isBefore(j, i))));
  for (let end = 1; end < length; end++) {
    for (let at = end; at > 0 && isBefore(order[at]!, order[at - 1]!); at--) [order[at], order[at - 1]] = [order[at - 1]!, order[at]!];
  }
  return order;
}

/**
 * `list.sortBy(e, key)`: sorts the list by the list of keys. The receiver is evaluated once, as a variable of the name that cel-go has for it.
 */
function sortBy(): Macro {
  return {
    name: 'sortBy',
    member: true,
    arguments: 2,
    expand(make, target, [variable, key]) {
      if (!['list', 'select', 'identifier', 'comprehension', 'call'].includes(target!.kind)) {
        throw new MacroError(target!.id, 'sortBy can only be applied to a list, identifier, comprehension, call or select expression');
      }
      if (variable!.kind !== 'identifier') throw new MacroError(variable!.id, 'argument is not an identifier');
      const input = () => make.identifier('@__sortBy_input__');
      refuseAccumulator(variable!);
      const keys = make.comprehension({ range: input(), variable: variable!.name, accumulator: ACCUMULATOR, ...collected(make, key!) });
      return make.comprehension({
        range: make.list(),
        variable: '#unused',
        accumulator: '@__sortBy_input__',
        initial: target!,
        condition: make.literal(false),
        step: input(),
        result: make.memberCall(SORT_BY_KEYS, input(), keys),
      });
    },
  };
}
