import { put } from '../kube/fields.ts';
import { type Atoms, asList, asMap, handle, isEmptyMap } from './atoms.ts';
import type { FieldSet } from './field-set.ts';
import { elementOf } from './list-elements.ts';
import { deduced, type ListType, type MapType, type MergeType } from './merge-type.ts';
import { fieldElement } from './path-element.ts';

/**
 * A value without some of its fields and elements of lists (sigs.k8s.io/structured-merge-diff, typed/remove.go); null when nothing is left of it. What is atomic goes as a whole, or stays.
 * What loses nothing is shared with the result.
 */
export function remove(value: unknown, fields: FieldSet, type: MergeType): unknown {
  return fields.isEmpty ? value : handle(type, value, new Removing(value, fields));
}

class Removing implements Atoms<unknown> {
  readonly #value: unknown;
  readonly #fields: FieldSet;

  constructor(value: unknown, fields: FieldSet) {
    this.#value = value;
    this.#fields = fields;
  }

  scalar(): unknown {
    return this.#value;
  }

  list(type: ListType): unknown {
    const list = asList(this.#value);
    if (!list?.length || type.isAtomic) return null;
    const out: unknown[] = [];
    let isInside = false;
    for (const item of list) {
      const at = this.#fields.at(elementOf(type, item));
      if (at?.isMember) continue;
      if (at) isInside = true;
      out.push(at ? inside(item, at, type.element) : item);
    }
    return out.length > 0 || isInside ? out : null;
  }

  map(type: MapType): unknown {
    const map = asMap(this.#value);
    if (!map || isEmptyMap(map) || type.isAtomic) return null;
    const out: Record<string, unknown> = {};
    let isInside = false;
    for (const name of Object.keys(map)) {
      const at = this.#fields.at(fieldElement(name));
      if (at?.isMember) continue;
      if (at) isInside = true;
      put(out, name, at ? inside(map[name], at, type.typeOf(name) ?? deduced) : map[name]);
    }
    return isInside || !isEmptyMap(out) ? out : null;
  }
}

/** What loses something inside stays, were it empty. */
function inside(value: unknown, fields: FieldSet, type: MergeType): unknown {
  return remove(value, fields, type) ?? (Array.isArray(value) ? [] : asMap(value) ? {} : null);
}
