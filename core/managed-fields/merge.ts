import { put } from '../kube/fields.ts';
import { same } from '../kube/object.ts';
import { type Atoms, asList, asMap, handle, isEmptyMap } from './atoms.ts';
import { elementOf } from './list-elements.ts';
import { deduced, type ListType, type MapType, type MergeType } from './merge-type.ts';
import { displayed, type PathElement } from './path-element.ts';

/**
 * A value with another one of its type laid over it (sigs.k8s.io/structured-merge-diff, typed/merge.go): nothing is removed, and where both have a leaf, that of `over` counts. Lists
 * by keys come in the order of `over`, as far as that speaks of them. Neither is changed, and what stays as it was is shared with the result.
 */
export function merge(value: unknown, over: unknown, type: MergeType): unknown {
  return mergeValues(value, over, type);
}

/** `undefined`: nothing comes of it. */
function mergeValues(left: unknown, right: unknown, type: MergeType): unknown {
  return right === undefined || left === right ? left : handle(type, right, new Merging(left, right));
}

class Merging implements Atoms<unknown> {
  readonly #left: unknown;
  readonly #right: unknown;

  constructor(left: unknown, right: unknown) {
    this.#left = left;
    this.#right = right;
  }

  scalar(): unknown {
    return this.#right;
  }

  #leaf(): unknown {
    return same(this.#left, this.#right) ? this.#left : this.#right;
  }

  list(type: ListType): unknown {
    const [left, right] = [asList(this.#left), asList(this.#right)];
    if (type.isAtomic || (!left?.length && !right?.length)) return this.#leaf();
    const out = mergeLists(left ?? [], right ?? [], type);
    if (left && out.length === left.length && out.every((item, i) => item === left[i])) return left;
    return out.length > 0 ? out : undefined;
  }

  map(type: MapType): unknown {
    const [left, right] = [asMap(this.#left), asMap(this.#right)];
    if (type.isAtomic || ((!left || isEmptyMap(left)) && (!right || isEmptyMap(right)))) return this.#leaf();
    let out: Record<string, unknown> | undefined;
    for (const name of Object.keys(right ?? {})) {
      const was = left && Object.hasOwn(left, name) ? left[name] : undefined;
      const merged = mergeValues(was, right![name], type.typeOf(name) ?? deduced);
      if (merged === undefined || (merged === was && left)) continue;
      out ??= { ...left };
      put(out, name, merged);
    }
    const all = out ?? left;
    return all && !isEmptyMap(all) ? all : undefined;
  }
}

function mergeLists(left: readonly unknown[], right: readonly unknown[], type: ListType): unknown[] {
  const out: unknown[] = [];
  const over = indexed(right, type, false);
  const under = indexed(left, type, true);
  const shared = over.elements.filter((element) => under.items.has(element));
  let next = shared.shift();
  const done = new Set<PathElement>();
  const take = (element: PathElement, was: unknown) => {
    const item = mergeValues(was, over.items.get(element), type.element);
    if (item !== undefined) out.push(item);
  };
  for (let l = 0, r = 0; l < under.elements.length || r < over.elements.length; ) {
    if (l < under.elements.length && r < over.elements.length) {
      const element = under.elements[l]!;
      if (element === over.elements[r]) {
        done.add(element);
        take(element, under.items.get(element));
        l++;
        r++;
        next = shared.shift();
        continue;
      }
      // It is in both, and not the one whose turn it is.
      if (over.items.has(element) && next !== undefined && next !== element) {
        l++;
        continue;
      }
    }
    if (l < under.elements.length) {
      const element = under.elements[l]!;
      if (!over.items.has(element)) {
        take(element, left[l]);
        l++;
        continue;
      }
      if (done.has(element)) l++;
    }
    if (r < over.elements.length) {
      const element = over.elements[r]!;
      done.add(element);
      take(element, under.items.get(element));
      r++;
      if (next === element) next = shared.shift();
    }
  }
  return out;
}

/** The elements of a list in their order; of one that is repeated, nothing is known. */
function indexed(list: readonly unknown[], type: ListType, allowsDuplicates: boolean): { elements: PathElement[]; items: Map<PathElement, unknown> } {
  const items = new Map<PathElement, unknown>();
  const elements: PathElement[] = [];
  for (const item of list) {
    const element = elementOf(type, item);
    if (items.has(element) && !allowsDuplicates) throw new Error(`duplicate entries for key ${displayed(element)}`);
    items.set(element, items.has(element) ? null : item);
    elements.push(element);
  }
  return { elements, items };
}
