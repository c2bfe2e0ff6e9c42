/**
 * A type of the Common Expression Language (cel-spec, "Values"). It is a value too: `type(1) == int`.
 * Two types are the same when their kinds, names and parameters are; a struct's fields are part of its name.
 */
export class Type {
  readonly kind: Kind;
  readonly name: string;
  /** Of a list: its elements; of a map: its keys and values; of an optional: what it may hold. */
  readonly parameters: readonly Type[];
  /** A wrapper of a primitive type, which is null or of that type. */
  readonly nullable: boolean;
  /** What the fields of a struct are; absent where nothing can be selected from it but by functions. */
  readonly fields?: Fields;
  /** What two values of it cost to compare, when that is not what their sizes say (k8s.io/apiserver/pkg/cel/library/cost.go, `_==_`). */
  readonly equality?: 'constant' | 'format' | 'url';

  constructor(kind: Kind, name: string, parameters: readonly Type[] = [], options: Pick<Type, 'fields' | 'equality'> & { nullable?: boolean } = {}) {
    this.kind = kind;
    this.name = name;
    this.parameters = parameters;
    this.nullable = options.nullable ?? false;
    this.fields = options.fields;
    this.equality = options.equality;
  }

  /** As a Go program has it, where errors of Kubernetes' own name it: `list(int)`, `null_type`, `google.protobuf.Timestamp`. */
  get declaredName(): string {
    const name = this.parameters.length ? `${this.name}(${this.parameters.map(({ declaredName }) => declaredName).join(', ')})` : this.name;
    return this.nullable ? `wrapper(${name})` : name;
  }

  /** As cel-go's checker writes it: `list(int)`, `map(string, dyn)`, `wrapper(int)`, `timestamp`. */
  toString(): string {
    const name = displayed[this.kind] ?? (this.nullable ? `wrapper(${this.name})` : this.name);
    return this.parameters.length ? `${name}(${this.parameters.join(', ')})` : name;
  }
}

/** The types of fields, by their names as expressions write them; a Map is one. */
export interface Fields {
  get(name: string): Type | undefined;
}

export type Kind =
  | 'any'
  | 'bool'
  | 'bytes'
  | 'double'
  | 'duration'
  | 'dyn'
  | 'error'
  | 'int'
  | 'list'
  | 'map'
  | 'null'
  | 'opaque'
  | 'parameter'
  | 'string'
  | 'struct'
  | 'timestamp'
  | 'type'
  | 'uint'
  | 'unknown';

/** Of types that are not called what they are named. */
const displayed: Partial<Record<Kind, string>> = { any: 'any', duration: 'duration', timestamp: 'timestamp', null: 'null', error: '!error!' };

/** Of a value that may be anything, and is no range of a macro. Only declarations have it. */
export const ANY = new Type('any', 'google.protobuf.Any');
export const BOOL = new Type('bool', 'bool');
export const BYTES = new Type('bytes', 'bytes');
export const DOUBLE = new Type('double', 'double');
export const DURATION = new Type('duration', 'google.protobuf.Duration');
export const DYN = new Type('dyn', 'dyn');
export const ERROR = new Type('error', 'error');
export const INT = new Type('int', 'int');
export const NULL = new Type('null', 'null_type');
export const STRING = new Type('string', 'string');
export const TIMESTAMP = new Type('timestamp', 'google.protobuf.Timestamp');
export const TYPE = new Type('type', 'type');
export const UINT = new Type('uint', 'uint');
/** Of a value that is kept without a schema and can only be compared (`x-kubernetes-preserve-unknown-fields`). */
export const UNKNOWN = new Type('unknown', 'unknown');

export const listOf = (element: Type): Type => new Type('list', 'list', [element]);
export const mapOf = (key: Type, value: Type): Type => new Type('map', 'map', [key, value]);
export const optionalOf = (value: Type): Type => new Type('opaque', OPTIONAL_NAME, [value]);
export const typeOfType = (type: Type): Type => new Type('type', 'type', [type]);
export const wrapperOf = (type: Type): Type => new Type(type.kind, type.name, type.parameters, { nullable: true });
/** A type parameter of an overload: `A` in `list(A).contains(A)`. */
export const parameter = (name: string): Type => new Type('parameter', name);
/** A type that only functions know about. cel.OpaqueType in Go. */
export const opaqueType = (name: string, equality?: Type['equality']): Type => new Type('opaque', name, [], { equality });
/** A type with fields, or (without) one that only functions know about. cel.ObjectType in Go. */
export const structType = (name: string, fields?: Fields, equality?: Type['equality']): Type => new Type('struct', name, [], { fields, equality });

export const OPTIONAL_NAME = 'optional_type';

export const LIST = listOf(DYN);
export const MAP = mapOf(DYN, DYN);
