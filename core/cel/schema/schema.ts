/** What a structural schema says of a value, as far as expressions care (JSONSchemaProps of apiextensions.k8s.io/v1). */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly nullable?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
}

const STRING: Schema = { type: 'string' };

/** The schema of a whole object: rules can always read its apiVersion, kind and name. */
export function withObjectMeta(schema: Schema): Schema {
  const { properties = {} } = schema;
  const meta = properties['metadata'];
  const known =
    properties['kind']?.type === 'string' &&
    properties['apiVersion']?.type === 'string' &&
    meta?.type === 'object' &&
    meta.properties?.['name']?.type === 'string' &&
    meta.properties['generateName']?.type === 'string';
  if (known) return schema;
  const metadata: Schema = { type: 'object', properties: { name: STRING, generateName: STRING } };
  return { ...schema, properties: { ...properties, kind: STRING, apiVersion: STRING, metadata } };
}

/** The schema of the values of a map. */
export const valuesOf = ({ additionalProperties }: Schema): Schema | undefined => (typeof additionalProperties === 'object' ? additionalProperties : undefined);
