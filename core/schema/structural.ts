import goFacts from './facts/go.json' with { type: 'json' };
import { type DecodeContext, type Decoder, type FieldStep, leafDecoder, mismatch, stringDecoder, typedDecoders } from './leaves.ts';
import type { FieldSchema } from './schema.ts';
import { schemaOf, typeName } from './schema-lookup.ts';

/**
 * The decoder of a type: checks a JSON value against the schema and brings it into the form that Go's decoder and encoder leave it in.
 * Unknown fields and nulls go; empty lists, maps and zeros go where Go omits them (`omitempty` of a field that is no pointer); structs that
 * are no pointers are there even when empty (`resources: {}`). The value itself is not changed, and what needs no change is shared with it.
 *
 * Decoders are closures over the schema, compiled when a type is first met.
 */
export function decoderOf(definition: string): Decoder {
  let decoder = compiled.get(definition);
  if (!decoder) {
    decoder = compile(definition);
    compiled.set(definition, decoder);
  }
  return decoder;
}

const compiled = new Map<string, Decoder>();

/**
 * What the OpenAPI schema does not say of the Go types, where it differs from what is usual (see `compileField`):
 * `values` are no pointers, `pointers` are; `keeps` are lists and maps without `omitempty`, `drops` are required ones with it; `types` are the names
 * of Go types, for error messages; `inline` are the fields of embedded structs, which Go names in the path of a field.
 */
interface GoFacts {
  readonly values?: readonly string[];
  readonly pointers?: readonly string[];
  readonly keeps?: readonly string[];
  readonly drops?: readonly string[];
  readonly types?: Readonly<Record<string, string>>;
  readonly inline?: Readonly<Record<string, readonly string[]>>;
}

function compile(definition: string): Decoder {
  const typed = typedDecoders[definition];
  if (typed) return typed(decoderOf);
  const { fields } = schemaOf(definition) ?? {};
  if (!fields) throw new Error(`no decoder for ${definition}`);
  return structDecoder(definition, fields);
}

interface StructField {
  readonly step: FieldStep;
  decode(value: unknown, context: DecodeContext): unknown;
  /** What stands there when the value has none; undefined: nothing. */
  absent(): unknown;
}

type Fields = Record<string, unknown>;

function structDecoder(definition: string, schemas: Readonly<Record<string, FieldSchema>>): Decoder {
  const names = Object.keys(schemas);
  // The fields are compiled at the first use and not before: types refer to each other in circles.
  let fields: Map<string, StructField> | undefined;
  let always: [name: string, field: StructField][] = [];
  const prepare = () => {
    const facts: GoFacts = (goFacts as Record<string, GoFacts>)[definition] ?? {};
    const prepared = new Map(names.map((name) => [name, compileField(definition, name, schemas[name]!, facts)]));
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
      out[name] = field.absent();
    }
    return out ?? given;
  };
  return { decode, zero: () => decode({}, { path: [] }), goType: goTypeOf({ ref: definition }) };
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

function compileField(definition: string, name: string, schema: FieldSchema, facts: GoFacts): StructField {
  const type = schemaOf(definition)!;
  const required = type.required?.includes(name) ?? false;
  const embedded = Object.entries(facts.inline ?? {}).find(([, fields]) => fields.includes(name))?.[0];
  const isTypeMeta = type.gvk && (name === 'kind' || name === 'apiVersion');
  const step: FieldStep = {
    name,
    go: isTypeMeta ? `TypeMeta.${name}` : embedded ? `${embedded}.${name}` : name,
    struct: typeName(definition),
  };
  const decoder = compileValue(schema, facts.types?.[name]);
  const value = (usually: boolean) => (usually ? !facts.pointers?.includes(name) : (facts.values?.includes(name) ?? false));

  if (schema.items || schema.map) {
    const drops = required ? facts.drops?.includes(name) : !facts.keeps?.includes(name);
    return { step, decode: drops ? (given, context) => unlessEmpty(decoder.decode(given, context)) : decoder.decode, absent: nothing };
  }
  if (schema.ref) {
    const isStruct = Boolean(schemaOf(schema.ref)?.fields);
    const usually = required || name === 'metadata' || (type.gvk !== undefined && (name === 'spec' || name === 'status'));
    return { step, decode: decoder.decode, absent: isStruct && value(usually) ? decoder.zero : nothing };
  }
  const omitsZero = value(!required && schema.type === 'string' && !schema.format);
  return { step, decode: omitsZero ? (given, context) => unlessZero(decoder.decode(given, context)) : decoder.decode, absent: nothing };
}

const unlessZero = (value: unknown) => (value === '' || value === 0 || value === false ? undefined : value);

function unlessEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.length ? value : undefined;
  for (const _ in value as object) return value;
  return undefined;
}

function compileValue(schema: FieldSchema, goType = goTypeOf(schema)): Decoder {
  if (schema.ref) return refDecoder(schema.ref, goType);
  if (schema.items) return listDecoder(compileValue(schema.items, goType.startsWith('[]') ? goType.slice(2) : undefined), goType);
  if (schema.map) return mapDecoder(compileValue(schema.map, /^map\[[^\]]*\](.*)$/.exec(goType)?.[1]), goType);
  return goType === 'string' ? stringDecoder : leafDecoder(schema, goType);
}

function refDecoder(definition: string, goType: string): Decoder {
  if (!schemaOf(definition)?.fields) return decoderOf(definition);
  let target: Decoder | undefined;
  return {
    decode(value, context) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mismatch(value, goType, context);
      target ??= decoderOf(definition);
      return target.decode(value, context);
    },
    zero() {
      target ??= decoderOf(definition);
      return target.zero();
    },
    goType,
  };
}

function listDecoder(items: Decoder, goType: string): Decoder {
  return {
    decode(value, context) {
      if (!Array.isArray(value)) throw mismatch(value, goType, context);
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
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mismatch(value, goType, context);
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
  if (schema.ref) return schema.ref.split('.').slice(-2).join('.');
  if (schema.items) return `[]${goTypeOf(schema.items)}`;
  if (schema.map) return `map[string]${goTypeOf(schema.map)}`;
  if (schema.format === 'byte') return '[]uint8';
  if (schema.type === 'integer') return schema.format!;
  return schema.type === 'boolean' ? 'bool' : schema.type === 'number' ? 'float64' : 'string';
}
