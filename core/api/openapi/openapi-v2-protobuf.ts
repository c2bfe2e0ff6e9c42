import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/**
 * A Swagger 2.0 document in the protobuf form that client-go reads (`openapi.v2.Document` of google/gnostic, OpenAPIv2.proto), as far as our
 * documents use it.
 */
export function encodeV2(document: DocumentV2): Uint8Array {
  const writer = new BinaryWriter();
  write(writer, messages.Document, document as unknown as Json);
  return writer.finish();
}

/** A Swagger 2.0 document, as far as ours go. */
export interface DocumentV2 {
  readonly swagger: '2.0';
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Json>>;
  readonly definitions: Readonly<Record<string, Json>>;
  readonly securityDefinitions: Json;
  readonly security: readonly Json[];
}

type Json = Readonly<Record<string, unknown>>;

type Name =
  | 'Document'
  | 'Info'
  | 'PathItem'
  | 'Operation'
  | 'Response'
  | 'BodyParameter'
  | 'QueryParameter'
  | 'PathParameter'
  | 'PrimitivesItems'
  | 'Schema'
  | 'ApiKeySecurity';

/** How one JSON field is written: its number, and what it is. */
type Rule = readonly [field: number, form: 'string' | 'strings' | 'bool' | Name | Writer];

/** Writes the content of a message. */
type Writer = (writer: BinaryWriter, value: never) => void;

interface Message {
  readonly fields: Readonly<Record<string, Rule>>;
  /** The field of its `vendor_extension`, which takes the names that start with `x-`. */
  readonly extensions?: number;
}

/** `{name: value}` as a list of named values: `NamedSchema { name = 1; value = 2 }`. */
const named =
  (list: number, message: Name | Writer): Writer =>
  (writer, value: Json) => {
    for (const [name, inner] of Object.entries(value)) {
      nest(writer, list, () => {
        writer.tag(1, WireType.LengthDelimited).string(name);
        nest(writer, 2, () => content(writer, message, inner));
      });
    }
  };

const messages: Readonly<Record<Name, Message>> = {
  Document: {
    fields: {
      swagger: [1, 'string'],
      info: [2, 'Info'],
      paths: [8, named(2, 'PathItem')],
      definitions: [9, named(1, 'Schema')],
      security: [12, named(1, stringArray)],
      securityDefinitions: [13, named(1, apiKeySecurity)],
    },
  },
  Info: { fields: { title: [1, 'string'], version: [2, 'string'] } },
  PathItem: {
    fields: {
      get: [2, 'Operation'],
      put: [3, 'Operation'],
      post: [4, 'Operation'],
      delete: [5, 'Operation'],
      options: [6, 'Operation'],
      head: [7, 'Operation'],
      patch: [8, 'Operation'],
      parameters: [9, parametersItem],
    },
  },
  Operation: {
    fields: {
      tags: [1, 'strings'],
      description: [3, 'string'],
      operationId: [5, 'string'],
      produces: [6, 'strings'],
      consumes: [7, 'strings'],
      parameters: [8, parametersItem],
      responses: [9, named(1, response)],
    },
    extensions: 13,
  },
  Response: { fields: { description: [1, 'string'], schema: [2, schemaItem] } },
  BodyParameter: { fields: { description: [1, 'string'], name: [2, 'string'], in: [3, 'string'], required: [4, 'bool'], schema: [5, 'Schema'] } },
  QueryParameter: {
    fields: {
      required: [1, 'bool'],
      in: [2, 'string'],
      description: [3, 'string'],
      name: [4, 'string'],
      type: [6, 'string'],
      items: [8, 'PrimitivesItems'],
      uniqueItems: [20, 'bool'],
    },
  },
  PathParameter: {
    fields: { required: [1, 'bool'], in: [2, 'string'], description: [3, 'string'], name: [4, 'string'], type: [5, 'string'], uniqueItems: [19, 'bool'] },
  },
  PrimitivesItems: { fields: { type: [1, 'string'] } },
  Schema: {
    fields: {
      $ref: [1, 'string'],
      format: [2, 'string'],
      description: [4, 'string'],
      required: [19, 'strings'],
      additionalProperties: [21, schemaItem],
      type: [22, typeItem],
      items: [23, schemaItem],
      properties: [25, named(1, 'Schema')],
    },
    extensions: 31,
  },
  ApiKeySecurity: { fields: { type: [1, 'string'], name: [2, 'string'], in: [3, 'string'], description: [4, 'string'] } },
};

function write(writer: BinaryWriter, { fields, extensions }: Message, value: Json): void {
  for (const [name, inner] of Object.entries(value)) {
    const rule = fields[name];
    if (rule) writeField(writer, rule, inner);
    else if (extensions && name.startsWith('x-')) nest(writer, extensions, () => writeExtension(writer, name, inner));
  }
}

function writeField(writer: BinaryWriter, [field, form]: Rule, value: unknown): void {
  if (form === 'string') writer.tag(field, WireType.LengthDelimited).string(String(value));
  else if (form === 'strings') for (const one of value as string[]) writer.tag(field, WireType.LengthDelimited).string(one);
  else if (form === 'bool') writer.tag(field, WireType.Varint).bool(value === true);
  else for (const one of Array.isArray(value) ? value : [value]) nest(writer, field, () => content(writer, form, one));
}

function content(writer: BinaryWriter, form: Name | Writer, value: unknown): void {
  if (typeof form === 'function') form(writer, value as never);
  else write(writer, messages[form], value as Json);
}

function nest(writer: BinaryWriter, field: number, inside: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  inside();
  writer.join();
}

/** `NamedAny { name; Any { yaml } }`: JSON is YAML. */
function writeExtension(writer: BinaryWriter, name: string, value: unknown): void {
  writer.tag(1, WireType.LengthDelimited).string(name);
  nest(writer, 2, () => writer.tag(2, WireType.LengthDelimited).string(JSON.stringify(value)));
}

/** `ItemsItem`, `AdditionalPropertiesItem` and `SchemaItem` each hold a schema as their first field. */
function schemaItem(writer: BinaryWriter, value: Json): void {
  nest(writer, 1, () => write(writer, messages.Schema, value));
}

function typeItem(writer: BinaryWriter, type: string): void {
  writer.tag(1, WireType.LengthDelimited).string(type);
}

/** `ResponseValue { Response response = 1 }` */
function response(writer: BinaryWriter, value: Json): void {
  nest(writer, 1, () => write(writer, messages.Response, value));
}

/** `SecurityDefinitionsItem { ApiKeySecurity api_key_security = 2 }` */
function apiKeySecurity(writer: BinaryWriter, value: Json): void {
  nest(writer, 2, () => write(writer, messages.ApiKeySecurity, value));
}

function stringArray(writer: BinaryWriter, values: string[]): void {
  for (const value of values) writer.tag(1, WireType.LengthDelimited).string(value);
}

/** `ParametersItem { Parameter { BodyParameter | NonBodyParameter { … query = 3, path = 4 } } }` */
function parametersItem(writer: BinaryWriter, value: Json): void {
  nest(writer, 1, () => {
    if (value['in'] === 'body') nest(writer, 1, () => write(writer, messages.BodyParameter, value));
    else if (value['in'] === 'query') nest(writer, 2, () => nest(writer, 3, () => write(writer, messages.QueryParameter, value)));
    else nest(writer, 2, () => nest(writer, 4, () => write(writer, messages.PathParameter, value)));
  });
}
