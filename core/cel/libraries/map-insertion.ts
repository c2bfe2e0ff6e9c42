import type { Library } from '../library.ts';
import { mapOf, parameter } from '../type.ts';
import { Failure, identityOf, MapValue, type Result, Uint, type Value } from '../value.ts';

const MAP = mapOf(parameter('K'), parameter('V'));

/** What `transformMap` and `transformMapEntry` stand for adds entries by this function, which no expression can spell (cel-go's ext/comprehensions.go). */
export const mapInsertionLibrary: Library = {
  name: 'cel.lib.ext.comprev2',
  functions: [
    {
      name: 'cel.@mapInsert',
      overloads: [
        { id: '@mapInsert_map_key_value', parameters: [MAP, parameter('K'), parameter('V')], result: MAP, call: insert },
        { id: '@mapInsert_map_map', parameters: [MAP, MAP], result: MAP, call: insertAll },
      ],
    },
  ],
};

function insert(map: MapValue, key: Value, value: Value): Result {
  if (map.find(key) !== undefined) return new Failure(`insert failed: key ${key instanceof Uint ? key.value : key} already exists`);
  return GrowingMap.of(map).with(key, value);
}

function insertAll(map: MapValue, more: MapValue): Result {
  let grown: Result = map;
  for (const key of more.keys()) {
    const value = more.find(key)!;
    if (value instanceof Failure) return value;
    grown = insert(grown as MapValue, key, value);
    if (grown instanceof Failure) return grown;
  }
  return grown;
}

interface Entry {
  readonly key: Value;
  readonly value: Result;
  readonly index: number;
}

/** A map that grows as a macro goes on. What it was before shares its entries and sees none that came later, so that an entry more is no copy. */
class GrowingMap extends MapValue {
  readonly size: number;
  readonly #entries: Map<unknown, Entry>;

  private constructor(entries: Map<unknown, Entry>, size: number) {
    super();
    this.#entries = entries;
    this.size = size;
  }

  static of(map: MapValue): GrowingMap {
    if (map instanceof GrowingMap && map.size === map.#entries.size) return map;
    const entries = new Map<unknown, Entry>();
    for (const key of map.keys()) entries.set(identityOf(key), { key, value: map.find(key)!, index: entries.size });
    return new GrowingMap(entries, entries.size);
  }

  with(key: Value, value: Value): GrowingMap {
    this.#entries.set(identityOf(key), { key, value, index: this.size });
    return new GrowingMap(this.#entries, this.size + 1);
  }

  override find(key: Value): Result | undefined {
    const entry = this.#entries.get(identityOf(key));
    return entry && entry.index < this.size ? entry.value : undefined;
  }

  override *keys(): Generator<Value> {
    for (const { key, index } of this.#entries.values()) if (index < this.size) yield key;
  }
}
