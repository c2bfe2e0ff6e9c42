import type { StructDeclaration } from './declarations.ts';
import { equal } from './equality.ts';
import { DYN, STRING, structType, Type } from './type.ts';
import { Failure, ListValue, MapValue, OpaqueValue, type Result, type Value } from './value.ts';

/** The types whose values the expressions of a MutatingAdmissionPolicy make: `Object{spec: Object.spec{replicas: 3}}`, `JSONPatch{op: 'add', …}`. */
export function mutationStruct(name: string): StructDeclaration | undefined {
  if (name === 'JSONPatch') return { type: JSON_PATCH, construct: (fields) => patchOf(fields) };
  if (name !== 'Object' && !name.startsWith('Object.')) return undefined;
  const type = structType(name, { get: () => DYN });
  return { type, construct: (fields) => new ConstructedObject(type, fields) };
}

const patchFields: Readonly<Record<string, Type>> = { op: STRING, path: STRING, from: STRING, value: DYN };

/** Kubernetes has every field, but knows no type of those that are none. */
const UNSPECIFIED = new Type('unknown', '');

const JSON_PATCH = structType('JSONPatch', { get: (name) => (Object.hasOwn(patchFields, name) ? patchFields[name] : UNSPECIFIED) });

function patchOf(fields: ReadonlyMap<string, Value>): ConstructedObject | Failure {
  for (const [name, value] of fields) {
    if (name !== 'value' && typeof value !== 'string') return new Failure(`unexpected type for JSONPatchType '${name}' field`);
  }
  return new ConstructedObject(JSON_PATCH, fields);
}

/** An object that an expression has made, with fields of any values (k8s.io/apiserver/pkg/cel/mutation/dynamic/objects.go). */
export class ConstructedObject extends OpaqueValue {
  readonly type: Type;
  readonly fields: ReadonlyMap<string, Value>;

  constructor(type: Type, fields: ReadonlyMap<string, Value>) {
    super();
    this.type = type;
    this.fields = fields;
  }

  override field(name: Value): Value | undefined {
    return typeof name === 'string' ? this.fields.get(name) : undefined;
  }

  override get isZero(): boolean {
    return this.fields.size === 0;
  }

  equals(other: Value): boolean {
    if (!(other instanceof ConstructedObject) || other.type.name !== this.type.name || other.fields.size !== this.fields.size) return false;
    for (const [name, value] of this.fields) {
      const its = other.fields.get(name);
      if (its === undefined || equal(value, its) !== true) return false;
    }
    return true;
  }
}

/**
 * Where the type of an object is not the one of the field that it stands in: `Object{spec: Object.metadata{}}`. Kubernetes finds that out when it has the value
 * (`CheckTypeNamesMatchFieldPathNames`).
 */
export function misplaced(value: Value, path: readonly string[] = ['Object']): string[] {
  if (value instanceof ConstructedObject) {
    const expected = path.join('.');
    const { name } = value.type;
    const own = name === expected ? [] : [`unexpected type name "${name}", expected "${expected}", which matches field name path from root Object type`];
    return [...own, ...[...value.fields].flatMap(([field, inner]) => misplaced(inner, [...path, field]))];
  }
  // Lists and maps between them have no names.
  return [...partsOf(value)].flatMap((part) => (part instanceof Failure ? [] : misplaced(part, path)));
}

function* partsOf(value: Value): Generator<Result> {
  if (value instanceof ListValue) yield* value;
  if (value instanceof MapValue) for (const key of value.keys()) yield value.find(key)!;
}
