import { schemaOf } from './built-in-types.ts';
import type { FieldSchema, TypeSchema } from './schema.ts';
import { decoderOf } from './structural.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Shows stored values of a type as Go encodes them: a field that Go never omits (`FieldSchema.presence`) and that a value does not have stands there with its
 * zero, which is null for a list, a map and a time (`rules: null`, `eventTime: null`). A value that has them all is answered itself, another one as a copy.
 */
export function withZeros<T extends object>(type: TypeSchema): (value: T) => T {
  return structFiller(type) as (value: T) => T;
}

type Filler = (value: Fields) => Fields;

const fillers = new WeakMap<TypeSchema, Filler>();

function structFiller(type: TypeSchema): Filler {
  let filler = fillers.get(type);
  if (!filler) {
    filler = makeStructFiller(type);
    fillers.set(type, filler);
  }
  return filler;
}

function makeStructFiller({ fields = {} }: TypeSchema): Filler {
  let inner: [name: string, filler: Filler][] | undefined;
  let zeros: [name: string, zero: () => unknown][] = [];
  // At the first use and not before: types refer to each other in circles.
  const prepare = () => {
    const named = Object.entries(fields);
    zeros = named.flatMap(([name, field]) => (field.presence === 'always' ? [[name, zeroOf(field)]] : []));
    return named.flatMap(([name, field]): [string, Filler][] => {
      const filler = fillerOf(field);
      return filler ? [[name, filler]] : [];
    });
  };
  return (value) => {
    inner ??= prepare();
    let out: Record<string, unknown> | undefined;
    for (const [name, fill] of inner) {
      const before = value[name] as Fields | null | undefined;
      const after = before ? fill(before) : before;
      if (after === before) continue;
      out ??= { ...value };
      out[name] = after;
    }
    for (const [name, zero] of zeros) {
      const given = value[name];
      // Storage (protobuf) has no empty list, and gives back nil.
      if (given !== undefined && !(Array.isArray(given) && given.length === 0)) continue;
      out ??= { ...value };
      out[name] = zero();
    }
    return out ?? value;
  };
}

/** None for what has no struct in it. */
function fillerOf({ ref, struct, items, map }: FieldSchema): Filler | undefined {
  const type = struct ?? (ref === undefined ? undefined : schemaOf(ref));
  if (type) return type.fields && structFiller(type);
  const element = items ? fillerOf(items) : map && fillerOf(map);
  return element && ((value) => (Array.isArray(value) ? filledList(value, element) : filledMap(value, element)) as Fields);
}

function filledList(list: readonly Fields[], fill: Filler): readonly Fields[] {
  const at = list.findIndex((element) => fill(element) !== element);
  return at === -1 ? list : [...list.slice(0, at), ...list.slice(at).map(fill)];
}

const filledMap = (map: Fields, fill: Filler): Fields =>
  Object.values(map).every((element) => fill(element as Fields) === element)
    ? map
    : Object.fromEntries(Object.entries(map).map(([key, element]) => [key, fill(element as Fields)]));

function zeroOf({ ref, struct, items, map, type, format }: FieldSchema): () => unknown {
  if (items || map || format === 'byte') return () => null;
  const of = struct ?? (ref === undefined ? undefined : schemaOf(ref));
  if (of?.fields) return () => structFiller(of)({});
  if (of) return decoderOf(of).zero;
  const zero = type === 'boolean' ? false : type === 'integer' || type === 'number' ? 0 : '';
  return () => zero;
}
