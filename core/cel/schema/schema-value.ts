import { int64Of } from '../../kube/int64.ts';
import type { Comparison } from '../deep-comparison.ts';
import { equalResults } from '../equality.ts';
import { Failure, ListValue, MapValue, noSuchOverload, type Result, type Value } from '../value.ts';
import { formats } from './formats.ts';
import { propertyName, propertyOf } from './property-name.ts';
import { deepEqual, goType, rawOf } from './raw-value.ts';
import { type Schema, valuesOf, withObjectMeta } from './schema.ts';
import { UnknownValue } from './unknown-value.ts';

/**
 * A JSON value as what its schema says that it is (k8s.io/apiserver/pkg/cel/common/valuesunstructured.go, `UnstructuredToVal`); a Failure when it is not that.
 * What lists and objects are made of is looked at when an expression does.
 */
export const schemaValue = (json: unknown, schema: Schema): Result => converterOf(schema)(json);

type Converter = (json: unknown) => Result;

/** They are made once for a schema. */
const converters = new WeakMap<Schema, Converter>();

function converterOf(schema: Schema): Converter {
  let converter = converters.get(schema);
  if (!converter) {
    const convert = converterOfPresent(schema);
    const absent = schema.nullable ? null : new Failure('invalid data, got null for schema with nullable=false');
    converter = (json) => (json === null || json === undefined ? absent : convert(json));
    converters.set(schema, converter);
  }
  return converter;
}

function converterOfPresent(schema: Schema): Converter {
  if (schema['x-kubernetes-int-or-string']) return intOrString;
  switch (schema.type) {
    case 'object':
      return objectConverter(schema);
    case 'array':
      return listConverter(schema);
    case 'string':
      return textConverter(schema);
    case 'number':
      return (json) => (isNumber(json) ? Number(json) : unexpected('float', json));
    case 'integer':
      return (json) => (isInteger(json) ? intOf(json) : unexpected('int', json));
    case 'boolean':
      return (json) => (typeof json === 'boolean' ? json : unexpected('bool', json));
  }
  if (schema['x-kubernetes-preserve-unknown-fields']) return (json) => new UnknownValue(json);
  const wanted =
    'object, array, number, integer, boolean or string, or no type with x-kubernetes-int-or-string or x-kubernetes-preserve-unknown-fields is true';
  return () => new Failure(`invalid type, expected ${wanted}, got ${schema.type ?? ''}`);
}

const unexpected = (wanted: string, json: unknown) => new Failure(`invalid data, expected ${wanted}, got ${goType(json)}`);

const isNumber = (json: unknown): json is number | bigint => typeof json === 'number' || typeof json === 'bigint';
const intOf = (json: number | bigint): bigint => (typeof json === 'bigint' ? json : int64Of(json));
const isInteger = (json: unknown): json is number | bigint => typeof json === 'bigint' || Number.isInteger(json);

function intOrString(json: unknown): Result {
  if (typeof json === 'string') return json;
  return isInteger(json) ? BigInt(json) : new Failure('invalid data, expected XIntOrString value to be either a string or integer');
}

function textConverter({ format }: Schema): Converter {
  const convert = format !== undefined && Object.hasOwn(formats, format) ? formats[format] : undefined;
  return (json) => (typeof json !== 'string' ? unexpected('string', json) : convert ? convert(json) : json);
}

function listConverter(schema: Schema): Converter {
  const { items, 'x-kubernetes-list-type': listType } = schema;
  const notList = () => new Failure('invalid data, expected an array for the provided schema with type=array');
  if (!items) return (json) => (Array.isArray(json) ? new Failure('invalid array type, expected Items with a non-empty Schema') : notList());
  let element: Converter | undefined;
  const convert: Converter = (json) => {
    element ??= converterOf(items);
    return element(json);
  };
  const make: (json: readonly unknown[]) => Result = (json) => {
    switch (listType) {
      case 'map':
        return new MapList(json, convert, schema['x-kubernetes-list-map-keys'] ?? []);
      case 'set':
        return new SetList(json, convert);
      case undefined:
      case 'atomic':
        return new SchemaList(json, convert);
      default:
        return new Failure(`invalid x-kubernetes-list-type, expected 'map', 'set' or 'atomic' but got ${listType}`);
    }
  };
  return (json) => (Array.isArray(json) ? make(json) : notList());
}

function objectConverter(given: Schema): Converter {
  const schema = given['x-kubernetes-embedded-resource'] ? withObjectMeta(given) : given;
  const fields = new Fields(schema);
  return (json) => {
    const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
    return isObject ? new SchemaMap(json as Json, fields) : new Failure('invalid data, expected a map for the provided schema with type=object');
  };
}

type Json = Readonly<Record<string, unknown>>;

/** What the schema of an object says of its fields. */
class Fields {
  /** It has properties, whose names are written as expressions have to write them. */
  readonly isObject: boolean;
  readonly #properties: ReadonlyMap<string, Schema>;
  readonly #values: Schema | undefined;
  readonly #known = new Map<string, { readonly property: string; readonly convert: Converter }>();

  constructor(schema: Schema) {
    this.isObject = schema.properties !== undefined;
    this.#properties = new Map(Object.entries(schema.properties ?? {}));
    this.#values = this.isObject ? undefined : valuesOf(schema);
  }

  /** The converter of a property; undefined: the schema does not have it. */
  converter(property: string): Converter | undefined {
    const schema = this.#properties.get(property) ?? this.#values;
    return schema && converterOf(schema);
  }

  /** A field by the name that an expression gives it. */
  named(name: string): { readonly property: string; readonly convert: Converter } | undefined {
    const known = this.#known.get(name);
    if (known) return known;
    const property = this.isObject ? propertyOf(name) : name;
    const convert = property === undefined ? undefined : this.converter(property);
    if (!convert) return undefined;
    const field = { property: property!, convert };
    // There are as many properties as the schema has; keys of a map are any number.
    if (this.isObject) this.#known.set(name, field);
    return field;
  }
}

/** An object, or a map of values of one schema. */
class SchemaMap extends MapValue {
  override readonly json: Json;
  readonly #fields: Fields;

  constructor(json: Json, fields: Fields) {
    super();
    this.json = json;
    this.#fields = fields;
  }

  get size(): number {
    return Object.keys(this.json).length;
  }

  /** Kubernetes never takes objects with a schema for nothing, nor lists. */
  override get isZero(): boolean {
    return false;
  }

  find(key: Value): Result | undefined {
    if (typeof key !== 'string') return noSuchOverload();
    const field = this.#fields.named(key);
    return field && Object.hasOwn(this.json, field.property) ? this.#present(this.json[field.property], field.convert) : undefined;
  }

  /** A null in a field that may be null is no value; one in a map is one. */
  #present(json: unknown, convert: Converter): Result | undefined {
    return this.#fields.isObject && json === null ? undefined : convert(json);
  }

  *keys(): Generator<string> {
    for (const property of Object.keys(this.json)) {
      if (this.#fields.converter(property)) yield this.#fields.isObject ? (propertyName(property) ?? property) : property;
    }
  }

  override equals(other: Value, comparison: Comparison): boolean | Failure {
    if (!(other instanceof MapValue)) return noSuchOverload();
    if (this.size !== other.size) return false;
    for (const property of Object.keys(this.json)) {
      const same = this.#fields.converter(property) ? this.#sameField(property, other, comparison) : this.#sameUnknown(property, other);
      if (same !== true) return same;
    }
    return true;
  }

  #sameField(property: string, other: MapValue, comparison: Comparison): boolean | Failure {
    const mine = this.find(property);
    const its = other.find(property);
    if (mine === undefined || its === undefined) return mine === its;
    return equalResults(mine, its, comparison);
  }

  #sameUnknown(property: string, other: MapValue): boolean | Failure {
    if (!(other instanceof SchemaMap)) return noSuchOverload();
    return !Object.hasOwn(other.json, property) || deepEqual(this.json[property], other.json[property]);
  }
}

/** A list: `x-kubernetes-list-type: atomic`, or none. */
class SchemaList extends ListValue {
  override readonly json: readonly unknown[];
  protected readonly convert: Converter;

  constructor(json: readonly unknown[], convert: Converter) {
    super();
    this.json = json;
    this.convert = convert;
  }

  get size(): number {
    return this.json.length;
  }

  override get isZero(): boolean {
    return false;
  }

  at(index: number): Result {
    return this.convert(this.json[index]);
  }

  override equals(other: Value, comparison: Comparison): boolean | Failure {
    if (!(other instanceof ListValue)) return noSuchOverload();
    if (this.size !== other.size) return false;
    for (let i = 0; i < this.size; i++) {
      const same = equalResults(this.at(i), other.at(i), comparison);
      if (same !== true) return same;
    }
    return true;
  }

  override contains(value: Value): boolean | Failure {
    let failure: Failure | undefined;
    for (let i = 0; i < this.size; i++) {
      const same = equalResults(this.at(i), value);
      if (same === true) return true;
      if (same instanceof Failure) failure ??= same;
    }
    return failure ?? false;
  }

  override plus(other: Value): Result {
    return other instanceof ListValue ? new SchemaList([...this.json, ...rawElements(other)], this.convert) : noSuchOverload();
  }
}

function* rawElements(list: ListValue): Generator<unknown> {
  for (const element of list) yield rawOf(element);
}

/** What a list of scalars is compared by. */
const scalarKey = (raw: unknown): unknown => (typeof raw === 'bigint' ? Number(raw) : raw);

/** `x-kubernetes-list-type: set`: its order does not matter, and `+` is a union. */
class SetList extends SchemaList {
  #members: Set<unknown> | undefined;

  get #set(): Set<unknown> {
    this.#members ??= new Set(this.json.map(scalarKey));
    return this.#members;
  }

  override equals(other: Value): boolean | Failure {
    if (!(other instanceof ListValue)) return noSuchOverload();
    if (this.size !== other.size) return false;
    for (const raw of rawElements(other)) if (!this.#set.has(scalarKey(raw))) return false;
    return true;
  }

  override plus(other: Value): Result {
    if (!(other instanceof ListValue)) return noSuchOverload();
    const members = new Set(this.#set);
    const elements = [...this.json];
    for (const raw of rawElements(other)) {
      if (members.has(scalarKey(raw))) continue;
      members.add(scalarKey(raw));
      elements.push(raw);
    }
    return new SetList(elements, this.convert);
  }
}

/** `x-kubernetes-list-type: map`: its order does not matter, and `+` replaces elements of the same keys where they stand. */
class MapList extends SchemaList {
  readonly #keys: readonly string[];

  constructor(json: readonly unknown[], convert: Converter, keys: readonly string[]) {
    super(json, convert);
    this.#keys = keys;
  }

  override equals(other: Value, comparison: Comparison): boolean | Failure {
    if (!(other instanceof ListValue)) return noSuchOverload();
    if (this.size !== other.size) return false;
    const byKey = new Map(this.json.map((element) => [this.#keyOf(element), element]));
    for (const element of other) {
      const key = this.#keyOf(rawOf(element));
      if (key === undefined || !byKey.has(key)) return false;
      const same = equalResults(this.convert(byKey.get(key)), element, comparison);
      if (same !== true) return same;
    }
    return true;
  }

  override plus(other: Value): Result {
    if (!(other instanceof ListValue)) return noSuchOverload();
    const elements = [...this.json];
    const positions = new Map(elements.map((element, i) => [this.#keyOf(element), i]));
    for (const raw of rawElements(other)) {
      const position = positions.get(this.#keyOf(raw));
      if (position === undefined) elements.push(raw);
      else elements[position] = raw;
    }
    return new MapList(elements, this.convert, this.#keys);
  }

  /** undefined: of what is no object. */
  #keyOf(element: unknown): string | undefined {
    if (typeof element !== 'object' || element === null || Array.isArray(element) || element instanceof MapValue) return undefined;
    // Kubernetes looks fields up by the names that expressions give them here.
    const values = this.#keys.map((key) => (element as Json)[propertyName(key) ?? key] ?? null);
    return JSON.stringify(values, (_, value) => (typeof value === 'bigint' ? { int: String(value) } : value));
  }
}
