import { type Fields, isFields, put } from '../kube/fields.ts';
import { same } from '../kube/object.ts';
import { elementsOf, ListElementError, Repeated } from '../managed-fields/list-elements.ts';
import { deduced, type ListType, type MapType, type MergeType } from '../managed-fields/merge-type.ts';
import { displayed, fieldElement } from '../managed-fields/path-element.ts';

/** A value before a change and after it, and as it is now; undefined: it is not there. */
export interface Versions {
  readonly before: unknown;
  readonly after: unknown;
  readonly now: unknown;
}

export interface Reverted {
  /** What is now, without the change. Where there are conflicts, with what was before it. */
  readonly value: unknown;
  /** The fields that the change has touched, and that were touched again since: `.spec.replicas`. */
  readonly conflicts: readonly string[];
}

/**
 * Takes a change back from what has become of a value since: a merge of three versions, in which maps are taken apart by field, and lists by element, as their type says. What the change did not
 * touch stays as it is now.
 */
export function revert(versions: Versions, type: MergeType): Reverted {
  const conflicts: string[] = [];
  return { value: reverted(versions, type, { path: '', conflicts }), conflicts };
}

interface At {
  readonly path: string;
  readonly conflicts: string[];
}

function reverted({ before, after, now }: Versions, type: MergeType, at: At): unknown {
  if (same(before, after) || same(now, before)) return now;
  if (same(now, after)) return before;
  const all = [before, after, now];
  if (type.map && !type.map.isAtomic && all.every((value) => value === undefined || isFields(value))) {
    return revertedMap({ before, after, now } as Maps, type.map, at);
  }
  if (type.list && !type.list.isAtomic && all.every((value) => value === undefined || Array.isArray(value))) {
    const lists = listsOf({ before, after, now } as Lists, type.list);
    if (lists) return revertedList(lists, type.list, at);
  }
  at.conflicts.push(at.path || '.');
  return before;
}

interface Maps {
  readonly before?: Fields;
  readonly after?: Fields;
  readonly now?: Fields;
}

function revertedMap({ before = {}, after = {}, now = {} }: Maps, type: MapType, { path, conflicts }: At): Fields | undefined {
  const out: Record<string, unknown> = {};
  const own = (of: Fields, name: string) => (Object.hasOwn(of, name) ? of[name] : undefined);
  for (const name of new Set([...Object.keys(now), ...Object.keys(before), ...Object.keys(after)])) {
    const versions = { before: own(before, name), after: own(after, name), now: own(now, name) };
    const value = reverted(versions, type.typeOf(name) ?? deduced, { path: `${path}${displayed(fieldElement(name))}`, conflicts });
    if (value !== undefined) put(out, name, value);
  }
  return isGone(out, before) ? undefined : out;
}

/** What is left of a map or a list that was not there before, when nothing is in it. */
const isGone = (left: object, before: object): boolean => Object.keys(left).length === 0 && Object.keys(before).length === 0;

interface Lists {
  readonly before?: readonly unknown[];
  readonly after?: readonly unknown[];
  readonly now?: readonly unknown[];
}

type Elements = ReadonlyMap<string, unknown>;

/** Undefined: their elements cannot be told apart. */
function listsOf({ before = [], after = [], now = [] }: Lists, type: ListType): readonly [before: Elements, after: Elements, now: Elements] | undefined {
  try {
    const lists = [elementsOf(type, before), elementsOf(type, after), elementsOf(type, now)] as const;
    return lists.some((list) => [...list.values()].some((item) => item instanceof Repeated)) ? undefined : lists;
  } catch (error) {
    if (error instanceof ListElementError) return undefined;
    throw error;
  }
}

function revertedList([before, after, now]: readonly [Elements, Elements, Elements], type: ListType, { path, conflicts }: At): unknown[] | undefined {
  const out = new Map<string, unknown>();
  for (const element of new Set([...now.keys(), ...before.keys(), ...after.keys()])) {
    const versions = { before: before.get(element), after: after.get(element), now: now.get(element) };
    const value = reverted(versions, type.element, { path: `${path}${displayed(element)}`, conflicts });
    if (value !== undefined) out.set(element, value);
  }
  const order = [...now.keys()].filter((element) => out.has(element));
  // What comes back stands behind what it stood behind.
  for (const [i, element] of [...before.keys()].entries()) {
    if (now.has(element) || !out.has(element)) continue;
    const previous = [...before.keys()].slice(0, i).findLast((other) => order.includes(other));
    order.splice(previous === undefined ? 0 : order.indexOf(previous) + 1, 0, element);
  }
  const list = order.map((element) => out.get(element));
  return isGone(list, [...before.keys()]) ? undefined : list;
}
