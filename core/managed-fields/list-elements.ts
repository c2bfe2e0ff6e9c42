import { isFields } from '../kube/fields.ts';
import type { ListType } from './merge-type.ts';
import { keyElement, type PathElement, valueElement } from './path-element.ts';

/**
 * How an element of a set or of a list with keys is told apart (typed/helpers.go, listItemToPathElement): by the keys that it has, and their defaults. Throws a
 * `ListElementError` when it cannot be told.
 */
export function elementOf({ keys, element }: ListType, item: unknown): PathElement {
  if (keys.length === 0) return setElement(item);
  if (item === null || item === undefined) throw new ListElementError('associative list with keys may not have a null element');
  if (!isFields(item)) throw new ListElementError('associative list with keys may not have non-map elements');
  const ofKey = (name: string) => {
    const own = Object.hasOwn(item, name) ? item[name] : undefined;
    return own === undefined ? element.map?.defaultOf(name) : own;
  };
  if (keys.length === 1) {
    const value = ofKey(keys[0]!);
    if (typeof value === 'string') return namedElement(keys[0]!, value);
  }
  const found: [string, unknown][] = [];
  for (const name of sortedKeys(keys)) {
    const value = ofKey(name);
    if (value !== undefined) found.push([name, value]);
  }
  if (found.length === 0) {
    const names = keys.map((name) => JSON.stringify(name)).join(' ');
    throw new ListElementError(
      `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
    );
  }
  return keyElement(found);
}

/** One value for all that are alike: most lists have one key, and few values of it. */
function namedElement(key: string, value: string): PathElement {
  let byValue = named.get(key);
  if (!byValue) {
    byValue = new Map();
    named.set(key, byValue);
  }
  let element = byValue.get(value);
  if (element === undefined) {
    element = keyElement([[key, value]]);
    if (byValue.size >= MOST_NAMED) byValue.clear();
    byValue.set(value, element);
  }
  return element;
}

const named = new Map<string, Map<string, PathElement>>();
const MOST_NAMED = 1_000;

/** It cannot be told which element of its list a value is. */
export class ListElementError extends Error {
  override readonly name = 'ListElementError';
}

function sortedKeys(keys: readonly string[]): readonly string[] {
  if (keys.length === 1) return keys;
  let inOrder = sorted.get(keys);
  if (!inOrder) {
    inOrder = [...keys].sort();
    sorted.set(keys, inOrder);
  }
  return inOrder;
}

const sorted = new WeakMap<readonly string[], readonly string[]>();

function setElement(item: unknown): PathElement {
  if (Array.isArray(item)) throw new ListElementError('not supported: associative list with lists as elements');
  if (item === null || item === undefined) throw new ListElementError("associative list without keys has an element that's an explicit null");
  if (typeof item === 'object') throw new ListElementError("associative list without keys has an element that's a map type");
  return valueElement(item);
}

/** Values of one list that cannot be told apart. */
export class Repeated {
  readonly items: unknown[];

  constructor(...items: unknown[]) {
    this.items = items;
  }
}

/** The elements of a list by how they are told apart, in their order: each a value, or, where there are more of it, `Repeated`. */
export function elementsOf(type: ListType, list: readonly unknown[]): Map<PathElement, unknown> {
  const out = new Map<PathElement, unknown>();
  for (const item of list) {
    const element = elementOf(type, item);
    const other = out.get(element);
    if (other === undefined) out.set(element, item);
    else if (other instanceof Repeated) other.items.push(item);
    else out.set(element, new Repeated(other, item));
  }
  return out;
}
