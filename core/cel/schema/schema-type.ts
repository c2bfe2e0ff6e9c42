import type { SizeOfPath } from '../estimate.ts';
import type { Range } from '../library.ts';
import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, listOf, mapOf, STRING, structType, TIMESTAMP, type Type } from '../type.ts';
import { isReserved, propertyName } from './property-name.ts';
import { type Schema, valuesOf, withObjectMeta } from './schema.ts';

export interface SchemaType {
  readonly type: Type;
  /** Of what is in a value of the type. */
  readonly sizeOfPath: SizeOfPath;
  /** How many bytes of JSON its smallest value has. */
  readonly leastBytes: number;
}

/**
 * The type that a schema is to expressions, and how large its values may be (k8s.io/apiserver/pkg/cel/common/schemas.go, `SchemaDeclType`); undefined when
 * they do not get to see it, as what is kept without a schema. `name` names it and, with their paths, the objects in it; `root` is a whole object.
 */
export function schemaType(schema: Schema, { name, root = false }: { name: string; root?: boolean }): SchemaType | undefined {
  const declared = declare(schema, name, root || schema['x-kubernetes-embedded-resource'] === true);
  return declared && { type: declared.type, sizeOfPath: (path) => sizeAt(declared, path), leastBytes: declared.least };
}

/** A type with the sizes of what it is made of. */
interface DeclaredType {
  readonly type: Type;
  /** Characters, bytes, elements or entries. */
  readonly most: number;
  /** Of its JSON, in bytes. */
  readonly least: number;
  readonly fields?: ReadonlyMap<string, DeclaredType>;
  readonly keys?: DeclaredType;
  readonly elements?: DeclaredType;
}

/** Of a request: what nothing else limits is as large as fits into one. */
export const MAX_REQUEST = 3 * 1024 * 1024;
const MAX_TEXT = MAX_REQUEST - 2;

function declare(given: Schema, name: string, root: boolean): DeclaredType | undefined {
  const { maxLength } = given;
  if (given['x-kubernetes-int-or-string']) return { type: DYN, least: 1, most: maxLength === undefined ? MAX_TEXT : bytesOf(maxLength) };
  const schema = root ? withObjectMeta(given) : given;
  switch (schema.type) {
    case 'array':
      return schema.items && declareList(schema, schema.items, name);
    case 'object':
      return valuesOf(schema) ? declareMap(schema, valuesOf(schema)!, name) : declareObject(schema, name);
    case 'string':
      return declareText(schema);
    case 'boolean':
      return { type: BOOL, least: 4, most: 0 };
    case 'number':
      return { type: DOUBLE, least: 1, most: 0 };
    case 'integer':
      return { type: INT, least: 1, most: 0 };
    default:
      return undefined;
  }
}

function declareList({ maxItems }: Schema, items: Schema, name: string): DeclaredType | undefined {
  const elements = declare(items, `${name}.@idx`, items['x-kubernetes-embedded-resource'] === true);
  if (!elements) return undefined;
  const most = maxItems === undefined ? Math.trunc((MAX_REQUEST - 2) / (elements.least + 1)) : Math.max(0, maxItems);
  return { type: listOf(elements.type), least: 2, most, elements };
}

const KEYS: DeclaredType = { type: STRING, least: 2, most: 0 };

function declareMap({ maxProperties }: Schema, values: Schema, name: string): DeclaredType | undefined {
  const elements = declare(values, `${name}.@elem`, values['x-kubernetes-embedded-resource'] === true);
  if (!elements) return undefined;
  // Two quotes, a colon and a comma, and a key of two characters.
  const most = maxProperties === undefined ? Math.trunc((MAX_REQUEST - 2) / (elements.least + 6)) : Math.max(0, maxProperties);
  return { type: mapOf(STRING, elements.type), least: 2, most, keys: KEYS, elements };
}

function declareObject({ properties = {}, required = [] }: Schema, name: string): DeclaredType {
  const fields = new Map<string, DeclaredType>();
  let least = 2;
  for (const [property, schema] of Object.entries(properties)) {
    const field = propertyName(property);
    const declared = declare(schema, `${name}.${field ?? property}`, schema['x-kubernetes-embedded-resource'] === true);
    if (!declared) continue;
    if (field !== undefined) fields.set(field, declared);
    // What has a default need not be in a request.
    if (required.includes(property) && (schema.default === undefined || schema.default === null)) least += property.length + declared.least + 4;
  }
  return { type: structType(name, { get: (field) => fieldOf(fields, field)?.type }), least, most: 0, fields };
}

/** Reserved words are names of fields too, since Kubernetes 1.31. */
const fieldOf = (fields: ReadonlyMap<string, DeclaredType>, name: string) => fields.get(name) ?? (isReserved(name) ? fields.get(`__${name}__`) : undefined);

function declareText({ format, maxLength, enum: values = [] }: Schema): DeclaredType {
  switch (format) {
    case 'byte':
      return { type: BYTES, least: 2, most: maxLength === undefined ? MAX_TEXT : Math.max(0, maxLength) };
    case 'duration':
      return { type: DURATION, least: 3, most: 32 };
    case 'date':
      return { type: TIMESTAMP, least: 12, most: 12 };
    case 'date-time':
      return { type: TIMESTAMP, least: 21, most: 32 };
  }
  if (maxLength !== undefined) return { type: STRING, least: 2, most: bytesOf(maxLength) };
  return { type: STRING, least: 2, most: values.length ? longest(values) : MAX_TEXT };
}

/** A code point takes up to four bytes. */
const bytesOf = (length: number) => Math.max(0, length) * 4;

const longest = (values: readonly unknown[]) => Math.max(0, ...values.map((value) => (typeof value === 'string' ? new TextEncoder().encode(value).length : 0)));

function sizeAt(declared: DeclaredType, path: readonly string[]): Range | undefined {
  let at: DeclaredType | undefined = declared;
  for (const step of path) {
    if (step === '@items' || step === '@values') at = at.elements;
    else if (step === '@keys') at = at.keys;
    else at = at.fields?.get(step);
    if (!at) return undefined;
  }
  return { min: 0n, max: BigInt(at.most) };
}
