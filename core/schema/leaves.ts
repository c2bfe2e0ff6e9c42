import { digitsOf, isInt64 } from '../kube/int64.ts';
import { canonicalQuantity, QuantityError } from '../kube/quantity.ts';
import { canonicalTime, TimeError } from '../kube/time.ts';
import type { FieldSchema } from './schema.ts';

/** Decodes the values of one type. */
export interface Decoder {
  /** The value in its canonical form, the same one when it is in it already. Throws `DecodeError`. Never given null. */
  decode(value: unknown, context: DecodeContext): unknown;
  /** What Go has in the place of a null in a list or a map. */
  zero(): unknown;
  readonly goType: string;
}

export interface DecodeContext {
  /** Where the value is: fields, indexes of lists, keys of maps. */
  readonly path: PathStep[];
  /** How a value that is not of its type is reported: as by Go's encoding/json, or as by the conversion of what a strategic merge patch led to. */
  readonly words?: 'json' | 'conversion';
  /** Told of every field that the schema does not have, in the struct that `path` leads to; none: they are passed over. */
  readonly unknown?: (name: string) => void;
}

export type PathStep = FieldStep | number | string;

export interface FieldStep {
  readonly name: string;
  /** As Go names it in errors: fields of an embedded struct have its name in front. */
  readonly go: string;
  /** The Go type that has the field. */
  readonly struct: string;
}

/** A value that is not of its type, in the words of Go's encoding/json (sigs.k8s.io/json) and of apimachinery's own types. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32`. `kind`: what Go's reflection calls the type. */
export function mismatch(value: unknown, goType: string, context: DecodeContext, kind: GoKind): DecodeError {
  return context.words === 'conversion' ? conversionError(value, goType, kind) : typeError(jsonKind(value), goType, context);
}

type GoKind = 'map' | 'slice' | 'struct' | 'string' | 'bool' | 'int32' | 'int64' | 'float64';

/** apimachinery/pkg/runtime/converter.go, fromUnstructured. */
function conversionError(value: unknown, goType: string, kind: GoKind): DecodeError {
  const given = goKind(value);
  if (kind === 'struct') return new DecodeError(`cannot restore struct from: ${given}`);
  if (kind === 'map' || kind === 'slice') return new DecodeError(`cannot restore ${kind} from ${given}`);
  // Go itself has a conversion, of an integer to the letter of that number and of a fraction to an integer, which is not used.
  const convertible = (given === 'int64' && kind === 'string') || (given === 'float64' && kind.startsWith('int'));
  return new DecodeError(convertible ? `cannot convert ${given} to ${goType}` : `unrecognized type: ${kind}`);
}

function goKind(value: unknown): string {
  if (typeof value === 'object') return Array.isArray(value) ? 'slice' : 'map';
  return typeof value === 'number' ? (Number.isInteger(value) ? 'int64' : 'float64') : jsonKind(value);
}

function typeError(what: string, goType: string, context: DecodeContext): DecodeError {
  const fields = context.path.filter((step) => typeof step === 'object');
  const where = fields.length ? `Go struct field ${fields.at(-1)!.struct}.${fields.map((step) => step.go).join('.')}` : 'Go value';
  return new DecodeError(`json: cannot unmarshal ${what} into ${where} of type ${goType}`);
}

/** What Go calls a JSON value. */
export function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

export const stringDecoder: Decoder = stringsOf('string');

export function leafDecoder({ type, format }: FieldSchema, goType: string): Decoder {
  if (format === 'byte') return bytesDecoder;
  if (type === 'integer') return format === 'int64' ? int64Decoder : int32Decoder;
  if (type === 'boolean') return booleanDecoder;
  return type === 'number' ? doubleDecoder : stringsOf(goType);
}

function stringsOf(goType: string): Decoder {
  return {
    decode(value, context) {
      if (typeof value !== 'string') throw mismatch(value, goType, context, 'string');
      return value;
    },
    zero: () => '',
    goType,
  };
}

const booleanDecoder: Decoder = {
  decode(value, context) {
    if (typeof value !== 'boolean') throw mismatch(value, 'bool', context, 'bool');
    return value;
  },
  zero: () => false,
  goType: 'bool',
};

const int32Decoder = integers('int32', (value) => Number.isInteger(value) && value < 2 ** 31 && value >= -(2 ** 31));
const int64Decoder = integers('int64', isInt64);

function integers(goType: 'int32' | 'int64', isOne: (value: number) => boolean): Decoder {
  return {
    decode(value, context) {
      if (typeof value !== 'number') throw mismatch(value, goType, context, goType);
      if (!isOne(value)) {
        throw context.words === 'conversion' ? conversionError(value, goType, goType) : typeError(`number ${digitsOf(value)}`, goType, context);
      }
      return value;
    },
    zero: () => 0,
    goType,
  };
}

const doubleDecoder: Decoder = {
  decode(value, context) {
    if (typeof value !== 'number') throw mismatch(value, 'float64', context, 'float64');
    return value;
  },
  zero: () => 0,
  goType: 'float64',
};

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
// The bits of the last letter that no byte needs are zero.
const CANONICAL_BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;

const bytesDecoder: Decoder = {
  decode(value, context) {
    // To Go, bytes are a list of numbers too.
    if (Array.isArray(value) && value.every(isByte)) return Buffer.from(value).toString('base64');
    if (typeof value !== 'string') throw mismatch(value, '[]uint8', context, 'slice');
    if (CANONICAL_BASE64.test(value)) return value;
    // Go's base64.StdEncoding takes line breaks, as in what the base64 command prints, and does not look at those bits.
    if (!BASE64.test(value.replace(/[\r\n]/g, ''))) throw new DecodeError(`illegal base64 data at input byte ${illegalByte(value)}`);
    return Buffer.from(value, 'base64').toString('base64');
  },
  zero: () => '',
  goType: '[]uint8',
};

const isByte = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 255;

/** Where Go's decoder (encoding/base64, decodeQuantum) says that it stopped. */
function illegalByte(text: string): number {
  let quantum = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '\r' || c === '\n') continue;
    if (/[A-Za-z0-9+/]/.test(c)) {
      quantum = (quantum + 1) % 4;
      continue;
    }
    if (c !== '=' || quantum < 2) return i;
    let j = i + 1;
    const skip = () => {
      while (text[j] === '\r' || text[j] === '\n') j++;
    };
    skip();
    if (quantum === 2) {
      if (j === text.length) return text.length;
      if (text[j] !== '=') return j - 1;
      j++;
      skip();
    }
    return j;
  }
  return text.length - quantum;
}

const quantityDecoder: Decoder = {
  decode(value) {
    // A JSON number is a quantity too: `cpu: 1`.
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    try {
      return canonicalQuantity(text.trim());
    } catch (error) {
      throw error instanceof QuantityError ? new DecodeError(error.message) : error;
    }
  },
  zero: () => '0',
  goType: 'resource.Quantity',
};

const times = (precision: 'seconds' | 'microseconds', goType: string): Decoder => ({
  decode(value, context) {
    if (typeof value !== 'string') throw typeError(jsonKind(value), 'string', context);
    try {
      return canonicalTime(value, precision);
    } catch (error) {
      throw error instanceof TimeError ? new DecodeError(error.message) : error;
    }
  },
  zero: () => null,
  goType,
});

const intOrStringDecoder: Decoder = {
  decode: (value, { path }) => (typeof value === 'string' ? value : int32Decoder.decode(value, { path })),
  zero: () => 0,
  goType: 'intstr.IntOrString',
};

const anyDecoder: Decoder = { decode: (value) => value, zero: () => null, goType: 'runtime.RawExtension' };

const emptyStruct: Decoder = {
  decode(value, context) {
    if (typeof value !== 'object' || Array.isArray(value)) throw mismatch(value, emptyStruct.goType, context, 'struct');
    for (const name in value) context.unknown?.(name);
    return {};
  },
  zero: () => ({}),
  goType: 'v1.CustomResourceSubresourceStatus',
};

type DecoderOf = (definition: string) => Decoder;
const apiextensions = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

/** A JSON schema, or something shorter in its place (apiextensions' marshal.go). What is in it is not checked for unknown fields, as there. */
function schemaOr(other: (value: unknown, context: DecodeContext, schema: (value: unknown) => unknown) => unknown): (of: DecoderOf) => Decoder {
  return (of) => ({
    decode(value, { path }) {
      const schema = (value: unknown) => {
        if (typeof value !== 'object' || value === null || Array.isArray(value)) throw typeError(jsonKind(value), 'v1.JSONSchemaProps', { path });
        return of(`${apiextensions}.JSONSchemaProps`).decode(value, { path });
      };
      return typeof value === 'object' && !Array.isArray(value) ? schema(value) : other(value, { path }, schema);
    },
    zero: () => null,
    goType: 'v1.JSONSchemaProps',
  });
}

/** The types that decode themselves in Go: by definition. */
export const typedDecoders: Readonly<Record<string, (of: DecoderOf) => Decoder>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': () => quantityDecoder,
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': () => times('seconds', 'v1.Time'),
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': () => times('microseconds', 'v1.MicroTime'),
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': () => intOrStringDecoder,
  'io.k8s.apimachinery.pkg.runtime.RawExtension': () => anyDecoder,
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': () => anyDecoder,
  'io.k8s.apimachinery.pkg.apis.meta.v1.Patch': () => anyDecoder,
  [`${apiextensions}.JSON`]: () => anyDecoder,
  [`${apiextensions}.CustomResourceSubresourceStatus`]: () => emptyStruct,
  [`${apiextensions}.JSONSchemaPropsOrBool`]: schemaOr((value) => {
    if (typeof value !== 'boolean') throw new DecodeError('boolean or JSON schema expected');
    return value;
  }),
  [`${apiextensions}.JSONSchemaPropsOrArray`]: schemaOr((value, _, schema) => (Array.isArray(value) ? value.map(schema) : undefined)),
  [`${apiextensions}.JSONSchemaPropsOrStringArray`]: schemaOr((value, context) =>
    Array.isArray(value) ? value.map((text) => stringDecoder.decode(text, context)) : undefined,
  ),
};
