import { schemaOf } from '../schema/built-in-types.ts';
import type { FieldSchema, TypeSchema } from '../schema/schema.ts';

/**
 * What apply needs to know of a type: how its values are owned, and merged (sigs.k8s.io/structured-merge-diff, schema/elements.go; k8s.io/kube-openapi, schemaconv). Most types
 * are one of the three; what may be anything is all of them, and a value says which.
 */
export interface MergeType {
  readonly scalar?: 'string' | 'numeric' | 'boolean' | 'untyped';
  readonly list?: ListType;
  readonly map?: MapType;
}

export interface ListType {
  /** `atomic`: owned as a whole; else by element, which `keys` tell apart, or, without any, their values. */
  readonly isAtomic: boolean;
  readonly keys: readonly string[];
  readonly element: MergeType;
}

export interface MapType {
  readonly isAtomic: boolean;
  /** The type of the field of a struct, or of any key of a map; undefined: it cannot be there. */
  typeOf(name: string): MergeType | undefined;
  /** Whether it is a field that the type names. */
  isNamed(name: string): boolean;
  /** What an element of a list is told apart by, where it does not say. */
  defaultOf(name: string): unknown;
  /** What Go writes of a struct even when it has nothing: there is no telling whether an object has that. */
  readonly zeros: ReadonlyMap<string, unknown>;
  /** Of any shape: what it has is owned as it comes. */
  readonly isDeduced?: true;
}

/** The type of an object of a schema. */
export function mergeTypeOf(type: TypeSchema): MergeType {
  let known = types.get(type);
  if (!known) {
    known = typeOfSchema(type);
    types.set(type, known);
  }
  return known;
}

const types = new WeakMap<TypeSchema, MergeType>();

const none: ReadonlyMap<string, unknown> = new Map();

const untypedMap: MapType = { isAtomic: true, typeOf: () => untyped, isNamed: () => false, defaultOf: () => undefined, zeros: none };

/** Of any shape, and owned as a whole. */
const untyped: MergeType = {
  scalar: 'untyped',
  get list() {
    return untypedList;
  },
  map: untypedMap,
};

const untypedList: ListType = { isAtomic: true, keys: [], element: untyped };

/** Of any shape: maps are owned by field, lists as a whole. */
export const deduced: MergeType = {
  scalar: 'untyped',
  list: untypedList,
  map: { isAtomic: false, typeOf: () => deduced, isNamed: () => false, defaultOf: () => undefined, zeros: none, isDeduced: true },
};

const deducedObject: MergeType = { map: deduced.map! };

const scalars = {
  string: { scalar: 'string' },
  numeric: { scalar: 'numeric' },
  boolean: { scalar: 'boolean' },
  untyped: { scalar: 'untyped' },
} as const satisfies Record<string, MergeType>;

function typeOfSchema(type: TypeSchema): MergeType {
  if (type.name === 'io.k8s.apimachinery.pkg.runtime.RawExtension') return untyped;
  if (type.fields) return { map: structType(type, type.mapType === 'atomic') };
  // Quantities and times are texts with a form of their own; JSON has any.
  if (type.type === 'string') return scalars.untyped;
  return type.type === 'object' ? deducedObject : deduced;
}

function structType(type: TypeSchema, isAtomic: boolean): MapType {
  const fields = type.fields!;
  const known = new Map<string, MergeType>();
  let zeros: ReadonlyMap<string, unknown> | undefined;
  const isNamed = (name: string) => Object.hasOwn(fields, name);
  return {
    isAtomic,
    isNamed,
    typeOf(name) {
      let of = known.get(name);
      if (of) return of;
      if (!isNamed(name)) return type.preserveUnknownFields ? deduced : undefined;
      of = typeOfField(fields[name]!);
      known.set(name, of);
      return of;
    },
    defaultOf: (name) => (isNamed(name) ? (fields[name]!.default ?? defaults[`${type.name}.${name}`] ?? zeroOfKey(fields[name]!)) : undefined),
    get zeros() {
      zeros ??= new Map(Object.keys(fields).flatMap((name) => (fields[name]!.presence === 'always' ? [[name, zeroOf(fields[name]!)] as const] : [])));
      return zeros;
    },
  };
}

/** The defaults of fields that lists are keyed by, as Kubernetes' OpenAPI has them. */
const defaults: Readonly<Record<string, unknown>> = {
  'io.k8s.api.core.v1.ContainerPort.protocol': 'TCP',
  'io.k8s.api.core.v1.LocalObjectReference.name': '',
  'io.k8s.api.core.v1.ServicePort.protocol': 'TCP',
};

/** Kubernetes' OpenAPI gives a default to every field that Go always writes. */
const zeroOfKey = (field: FieldSchema): unknown => (field.presence === 'always' && !field.ref ? zeroOf(field) : undefined);

function zeroOf({ type, ref, struct, items, map }: FieldSchema): unknown {
  if (struct ?? (ref && schemaOf(ref)?.fields)) return {};
  if (ref || items || map) return null;
  return type === 'string' ? '' : type === 'boolean' ? false : 0;
}

function typeOfField(field: FieldSchema): MergeType {
  const { ref, struct, items, map, type, format, mapType, listType, listMapKeys } = field;
  if (items) return { list: { isAtomic: listType !== 'map' && listType !== 'set', keys: listMapKeys ?? [], element: typeOfField(items) } };
  if (map) {
    const values = typeOfField(map);
    return {
      map: { isAtomic: mapType === 'atomic', typeOf: () => values, isNamed: () => false, defaultOf: () => undefined, zeros: none },
    };
  }
  const named = struct ?? (ref === undefined ? undefined : schemaOf(ref));
  if (named) {
    // The field may say otherwise than its type.
    if (mapType && named.fields) return { map: structType(named, mapType === 'atomic') };
    return mergeTypeOf(named);
  }
  if (type === 'string') return format && format !== 'byte' ? scalars.untyped : scalars.string;
  return type === 'boolean' ? scalars.boolean : type === 'integer' || type === 'number' ? scalars.numeric : deducedObject;
}
