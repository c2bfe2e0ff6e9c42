import { ListValue, MapValue, type Value } from './value.ts';

/** A JSON value that nothing is known of. What it is made of is looked at when an expression does. */
export function jsonValue(json: unknown): Value {
  switch (typeof json) {
    case 'string':
    case 'boolean':
    case 'bigint':
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

export class JsonList extends ListValue {
  override readonly json: readonly unknown[];

  constructor(json: readonly unknown[]) {
    super();
    this.json = json;
  }

  get size(): number {
    return this.json.length;
  }

  at(index: number): Value {
    return this.shown(this.json[index]);
  }

  /** What stands for a part of it. */
  protected shown(json: unknown): Value {
    return jsonValue(json);
  }
}

export class JsonMap extends MapValue {
  override readonly json: Readonly<Record<string, unknown>>;
  #size: number | undefined;

  constructor(json: Readonly<Record<string, unknown>>) {
    super();
    this.json = json;
  }

  get size(): number {
    this.#size ??= Object.keys(this.json).length;
    return this.#size;
  }

  find(key: Value): Value | undefined {
    return typeof key === 'string' && Object.hasOwn(this.json, key) ? this.shown(this.json[key]) : undefined;
  }

  protected shown(json: unknown): Value {
    return jsonValue(json);
  }

  keys(): Iterable<string> {
    return Object.keys(this.json);
  }
}
