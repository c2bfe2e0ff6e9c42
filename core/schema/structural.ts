import { schemaOf, typeName } from './built-in-types.ts';
import { type DecodeContext, type Decoder, type FieldStep, leafDecoder, mismatch, stringDecoder, typedDecoders } from './leaves.ts';
import type { FieldSchema, TypeSchema } from './schema.ts';

/**
 * The decoder of a type: checks a JSON value against the schema and brings it into the form that Go's decoder and encoder leave it in.
 * Unknown fields and nulls go; empty lists, maps and zeros go where Go omits them (`FieldSchema.presence`); structs that are no pointers are there even
 * when empty (`resources: {}`), and so are defaults. The value itself is not changed, and what needs no change is shared with it.
 *
 * Decoders are closures over the schema, compiled when a type is first met.
 */
export function decoderOf(type: TypeSchema): Decoder {
  let decoder = compiled.get(type);
  if (!decoder) {
    decoder = compile(type);
    compiled.set(type, decoder);
  }
  return decoder;
}

const compiled = new WeakMap<TypeSchema, Decoder>();

/** The decoder of one of Kubernetes' own types, by its definition. */
const builtIn = (definition: string): Decoder => decoderOf(schemaOf(definition)!);

function compile(type: TypeSchema): Decoder {
  const typed = typedDecoders[type.name];
  if (typed) return typed(builtIn);
  if (!type.fields) throw new Error(`no decoder for ${type.name}`);
  return structDecoder(type, type.fields);
}

interface StructField {
  readonly step: FieldStep;
  decode(value: unknown, context: DecodeContext): unknown;
  /** What stands there when the value has none; undefined: nothing. */
  absent(context: DecodeContext): unknown;
}

type Fields = Record<string, unknown>;

function structDecoder(type: TypeSchema, schemas: Readonly<Record<string, FieldSchema>>): Decoder {
  const names = Object.keys(schemas);
  // The fields are compiled at the first use and not before: types refer to each other in circles.
  let fields: Map<string, StructField> | undefined;
  let always: [name: string, field: StructField][] = [];
  const prepare = () => {
    const prepared = new Map(names.map((name) => [name, compileField(type, name, schemas[name]!)]));
    always = [...prepared].filter(([, field]) => field.absent !== nothing);
    fields = prepared;
    return prepared;
  };
  const decode = (value: unknown, context: DecodeContext): unknown => {
    const known = fields ?? prepare();
    const given = value as Fields;
    let out: Fields | undefined;
    for (const name in given) {
      const field = known.get(name);
      const before = given[name];
      let after: unknown;
      if (field) {
        context.path.push(field.step);
        after = before === null ? undefined : field.decode(before, context);
        context.path.pop();
      } else if (type.preserveUnknownFields) {
        after = before;
      } else {
        context.unknown?.(name);
      }
      if (out) {
        if (after !== undefined) out[name] = after;
      } else if (after !== before) {
        out = keysBefore(given, name);
        if (after !== undefined) out[name] = after;
      }
    }
    for (const [name, field] of always) {
      if ((out ?? given)[name] !== undefined) continue;
      out ??= { ...given };
      out[name] = field.absent(context);
    }
    return out ?? given;
  };
  return { decode, zero: () => decode({}, { path: [] }), goType: goNameOf(type.name) };
}

/** A copy of the fields that come before `name`, which are known ones: an object built up keeps V8's fast form, one with deletions does not. */
function keysBefore(given: Fields, name: string): Fields {
  const out: Fields = {};
  for (const key in given) {
    if (key === name) break;
    out[key] = given[key];
  }
  return out;
}

const nothing = () => undefined;

function compileField(type: TypeSchema, name: string, schema: FieldSchema): StructField {
  const { embedded, presence } = schema;
  const isTypeMeta = type.gvk && (name === 'kind' || name === 'apiVersion');
  const step: FieldStep = {
    name,
    go: isTypeMeta ? `TypeMeta.${name}` : embedded ? `${embedded}.${name}` : name,
    struct: typeName(type.name),
  };
  const { decode, zero } = compileValue(schema, schema.goType);
  const usual = presence !== 'value' || schema.ref || schema.struct ? undefined : schema.items || schema.map ? unlessEmpty : unlessZero;
  // No managers: a client wants those that there are to go (API concepts, "Clearing managedFields").
  const omitted =
    name === 'managedFields' && type.name === OBJECT_META ? unlessEmptyBelow : name === 'policies' && type.name === SCALING_RULES ? undefined : usual;
  return {
    step,
    decode: omitted ? (given, context) => omitted(decode(given, context), context) : decode,
    absent: schema.default !== undefined ? (context) => decode(schema.default, context) : presence === 'always' && !isNil(schema, zero) ? zero : nothing,
  };
}

/** Whether Go has nil for nothing here: a list, a map, bytes, a time. That is no value of an object, and stands in answers alone (zero-values.ts). */
const isNil = ({ items, map, format }: FieldSchema, zero: Decoder['zero']): boolean => Boolean(items || map || format === 'byte' || zero() === null);

/** Without policies there are the default ones; with none of them there is an error to tell (autoscaling/v2 defaults.go). */
const SCALING_RULES = 'io.k8s.api.autoscaling.v2.HPAScalingRules';

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** What is empty stays in the metadata of the object itself. */
const unlessEmptyBelow = (value: unknown, { path }: DecodeContext) => (path.length > 2 ? unlessEmpty(value) : value);

const unlessZero = (value: unknown) => (value === '' || value === 0 || value === false ? undefined : value);

function unlessEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.length ? value : undefined;
  for (const _ in value as object) return value;
  return undefined;
}

function compileValue(schema: FieldSchema, goType = goTypeOf(schema)): Decoder {
  if (schema.ref) return refDecoder(schema.ref, goType);
  if (schema.struct) return objectDecoder(schema.struct, goType);
  if (schema.items) return listDecoder(compileValue(schema.items, goType.startsWith('[]') ? goType.slice(2) : undefined), goType);
  if (schema.map) return mapDecoder(compileValue(schema.map, /^map\[[^\]]*\](.*)$/.exec(goType)?.[1]), goType);
  return goType === 'string' ? stringDecoder : leafDecoder(schema, goType);
}

function refDecoder(definition: string, goType: string): Decoder {
  const type = schemaOf(definition)!;
  return type.fields ? objectDecoder(type, goType) : decoderOf(type);
}

/** A struct, whose own decoder is made when there is one to decode: types refer to each other in circles. */
function objectDecoder(type: TypeSchema, goType: string): Decoder {
  let decoder: Decoder | undefined;
  return {
    decode(value, context) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mismatch(value, goType, context, 'struct');
      decoder ??= decoderOf(type);
      return decoder.decode(value, context);
    },
    zero() {
      decoder ??= decoderOf(type);
      return decoder.zero();
    },
    goType,
  };
}

function listDecoder(items: Decoder, goType: string): Decoder {
  return {
    decode(value, context) {
      if (!Array.isArray(value)) throw mismatch(value, goType, context, 'slice');
      let out: unknown[] | undefined;
      for (let i = 0; i < value.length; i++) {
        const before = value[i];
        context.path.push(i);
        // A null in a list is the zero of its type.
        const after = before === null ? items.zero() : items.decode(before, context);
        context.path.pop();
        if (out) out.push(after);
        else if (after !== before) out = [...value.slice(0, i), after];
      }
      return out ?? value;
    },
    zero: () => [],
    goType,
  };
}

function mapDecoder(values: Decoder, goType: string): Decoder {
  return {
    decode(value, context) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mismatch(value, goType, context, 'map');
      const given = value as Fields;
      let out: Fields | undefined;
      for (const key in given) {
        const before = given[key];
        context.path.push(key);
        const after = before === null ? values.zero() : values.decode(before, context);
        context.path.pop();
        if (after === before) continue;
        out ??= { ...given };
        // The copy has every key as its own already, so that this sets `__proto__` as a key like any other.
        out[key] = after;
      }
      return out ?? given;
    },
    zero: () => ({}),
    goType,
  };
}

/** How Go prints a type in an error: `int32`, `[]v1.Container`, `map[string]string`. */
function goTypeOf(schema: FieldSchema): string {
  if (schema.ref || schema.struct) return goNameOf(schema.ref ?? '');
  if (schema.items) return `[]${goTypeOf(schema.items)}`;
  if (schema.map) return `map[string]${goTypeOf(schema.map)}`;
  if (schema.format === 'byte') return '[]uint8';
  if (schema.type === 'integer') return schema.format!;
  return schema.type === 'boolean' ? 'bool' : schema.type === 'number' ? 'float64' : 'string';
}

/** `io.k8s.api.core.v1.Pod` → `v1.Pod` */
const goNameOf = (definition: string): string => definition.split('.').slice(-2).join('.');
