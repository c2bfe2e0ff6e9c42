import { ListValue, MapValue, type Result, type Value } from './value.ts';

/** A JSON value that nothing is known of. What it is made of is looked at when an expression does. */
export function jsonValue(json: unknown): Value {
  switch (typeof json) {
    case 'string':
    case 'boolean':
      return json;
    case 'number':
      // Whole numbers are integers, as Kubernetes decodes them; JavaScript does not keep `1.0` and `1` apart.
      return Number.isInteger(json) ? BigInt(json) : json;
    case 'object':
      if (json === null) return null;
      return Array.isArray(json) ? new JsonList(json) : new JsonMap(json as Readonly<Record<string, unknown>>);
    default:
      return null;
  }
}

class JsonList extends ListValue {
  readonly #elements: readonly unknown[];

  constructor(elements: readonly unknown[]) {
    super();
    this.#elements = elements;
  }

  get size(): number {
    return this.#elements.length;
  }

  at(index: number): Value {
    return jsonValue(this.#elements[index]);
  }
}

class JsonMap extends MapValue {
  readonly #fields: Readonly<Record<string, unknown>>;
  #size: number | undefined;

  constructor(fields: Readonly<Record<string, unknown>>) {
    super();
    this.#fields = fields;
  }

  get size(): number {
    this.#size ??= Object.keys(this.#fields).length;
    return this.#size;
  }

  find(key: Value): Result | undefined {
    return typeof key === 'string' && Object.hasOwn(this.#fields, key) ? jsonValue(this.#fields[key]) : undefined;
  }

  keys(): Iterable<string> {
    return Object.keys(this.#fields);
  }
}
