import { same } from '../../kube/object.ts';
import type { JSONSchemaProps } from '../generated/kinds.ts';
import { fieldOf, itemsOf } from './schema-walk.ts';

/**
 * A value and what it was before the update, as far as the two can be told to be one: fields of an object by their names, elements of a list by its keys
 * (apiserver's pkg/cel/common, CorrelatedObject). What has not changed need not become valid.
 */
export class Correlation {
  readonly value: unknown;
  readonly before: unknown;
  readonly #schema: JSONSchemaProps;
  #unchanged: boolean | undefined;
  #byKey: Map<string | undefined, unknown> | undefined;

  constructor(value: unknown, before: unknown, schema: JSONSchemaProps) {
    this.value = value;
    this.before = before;
    this.#schema = schema;
  }

  isUnchanged(): boolean {
    this.#unchanged ??= this.#compare();
    return this.#unchanged;
  }

  field(name: string): Correlation | undefined {
    const { value, before } = this;
    const schema = fieldOf(this.#schema, name);
    if (!schema || !isFields(value) || !isFields(before) || !Object.hasOwn(value, name) || !Object.hasOwn(before, name)) return undefined;
    return new Correlation(value[name], before[name], schema);
  }

  /** The element of a list with keys; no other list's elements are known again. */
  item(index: number): Correlation | undefined {
    const { value, before } = this;
    const schema = itemsOf(this.#schema);
    if (!schema || !Array.isArray(value) || !Array.isArray(before) || this.#schema['x-kubernetes-list-type'] !== 'map') return undefined;
    const keys = this.#schema['x-kubernetes-list-map-keys'] ?? [];
    this.#byKey ??= new Map(before.map((element) => [keyOf(element, keys), element] as const).reverse());
    const key = keyOf(value[index], keys);
    const earlier = key === undefined ? undefined : this.#byKey.get(key);
    return earlier === undefined ? undefined : new Correlation(value[index], earlier, schema);
  }

  /** For the alternatives of the value's schema, which are of the same value and are themselves not forgiven. */
  ofParts(): Correlation {
    return new PartsOnly(this.value, this.before, this.#schema);
  }

  #compare(): boolean {
    const { value, before } = this;
    if (Array.isArray(value) && Array.isArray(before)) {
      if (value.length !== before.length) return false;
      return this.#schema['x-kubernetes-list-type'] === 'map' ? value.every((_, i) => this.item(i)?.isUnchanged()) : same(value, before);
    }
    if (!isFields(value) || !isFields(before)) return value === before;
    // A field that the schema does not describe is not known again: with it, no object is the same.
    const names = Object.keys(value);
    return names.length === Object.keys(before).length && names.every((name) => this.field(name)?.isUnchanged());
  }
}

class PartsOnly extends Correlation {
  override isUnchanged(): boolean {
    return false;
  }
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The values of an element's keys; nothing when it lacks one, or one is no scalar: such an element is not known again. */
function keyOf(element: unknown, keys: readonly string[]): string | undefined {
  if (!isFields(element)) return undefined;
  const values = keys.map((key) => (Object.hasOwn(element, key) ? element[key] : null));
  return values.length > 0 && values.every((value) => value !== null && typeof value !== 'object') ? JSON.stringify(values) : undefined;
}
