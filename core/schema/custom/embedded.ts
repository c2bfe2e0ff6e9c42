import type { KubeObject, ObjectMeta } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { invalidValue, required } from '../../kube/validation/field.ts';
import { validateObjectMeta } from '../../kube/validation/metadata.ts';
import { label1035 } from '../../kube/validation/names.ts';
import { schemaOf } from '../built-in-types.ts';
import type { JSONSchemaProps } from '../generated/kinds.ts';
import { DecodeError } from '../leaves.ts';
import { decoderOf } from '../structural.ts';
import { fieldOf, itemsOf, sortedEntries } from './schema-walk.ts';
import { sortedKeys } from './sorted-keys.ts';

/**
 * The objects inside of a custom resource that are resources themselves (`x-kubernetes-embedded-resource`): their metadata is decoded and checked as that
 * of every object (apiextensions-apiserver's pkg/apiserver/schema/objectmeta).
 */

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** `metadata` as ObjectMeta. `unknown` is told of the fields that it does not have, by their paths below `path`. Throws DecodeError. */
export function decodeMetadata(value: unknown, path: string, unknown?: (path: string) => void): ObjectMeta {
  // As Go's decoder tells of what is no object.
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    throw new DecodeError(`json: cannot unmarshal ${kind} into Go value of type v1.ObjectMeta`);
  }
  const steps: (string | number | { name: string; go: string; struct: string })[] = [];
  const note = (name: string) =>
    unknown?.([path, ...steps.map((step) => (typeof step === 'object' ? step.name : step)), name].join('.').replace(/\.(\d+)(?=\.|$)/g, '[$1]'));
  return decoderOf(schemaOf(META)!).decode(value, { path: steps, ...(unknown && { unknown: note }) }) as ObjectMeta;
}

/** A problem with the type or the metadata of an embedded object: it stands in the way of decoding the whole. */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';
  readonly error: FieldError;
  constructor(error: FieldError) {
    super(`${error.field}: ${error.message}`);
    this.error = error;
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** A value with the metadata of all embedded objects decoded. Throws EmbeddedError. */
export function withDecodedMetadata(value: unknown, schema: JSONSchemaProps | undefined, path: string, unknown?: (path: string) => void): unknown {
  if (typeof value !== 'object' || value === null || !schema || !hasEmbedded(schema)) return value;
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return items ? value.map((element, i) => withDecodedMetadata(element, items, `${path}[${i}]`, unknown)) : value;
  }
  const out: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const at = path === '' ? name : `${path}.${name}`;
    out[name] = withDecodedMetadata(
      schema['x-kubernetes-embedded-resource'] ? decodedMeta(name, inner, at, unknown) : inner,
      fieldOf(schema, name),
      at,
      unknown,
    );
  }
  return out;
}

function decodedMeta(name: string, value: unknown, path: string, unknown?: (path: string) => void): unknown {
  if (name === 'apiVersion' || name === 'kind') {
    if (typeof value !== 'string') throw new EmbeddedError(invalidValue(path, value, 'must be a string'));
    return value;
  }
  if (name !== 'metadata') return value;
  try {
    return decodeMetadata(value, path, unknown);
  } catch (error) {
    throw error instanceof DecodeError ? new EmbeddedError(invalidValue(path, sortedKeys(value), error.message)) : error;
  }
}

/** What is wrong with the embedded objects of a value that was decoded. `isResource`: the value is one itself. */
export function embeddedErrors(value: unknown, schema: JSONSchemaProps | undefined, path: string, isResource = false): FieldError[] {
  if (typeof value !== 'object' || value === null || !schema || !(isResource || hasEmbedded(schema))) return [];
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return items ? value.flatMap((element, i) => embeddedErrors(element, items, `${path}[${i}]`)) : [];
  }
  const below = (name: string) => (path === '' ? name : `${path}.${name}`);
  return [
    ...(isResource || schema['x-kubernetes-embedded-resource'] ? resourceErrors(value as Fields, below) : []),
    ...sortedEntries(value as Fields).flatMap(([name, inner]) => {
      const isProperty = schema.properties && Object.hasOwn(schema.properties, name);
      return embeddedErrors(inner, fieldOf(schema, name), isProperty ? below(name) : `${path}[${name}]`);
    }),
  ];
}

function resourceErrors(object: Fields, at: (name: string) => string): FieldError[] {
  const { apiVersion, kind, metadata } = object;
  return [
    ...(apiVersion === undefined ? [required(at('apiVersion'))] : apiVersionErrors(apiVersion, at('apiVersion'))),
    ...(kind === undefined ? [required(at('kind'))] : kindErrors(kind, at('kind'))),
    ...(metadata === undefined ? [] : metadataErrors(metadata, at('metadata'))),
  ];
}

function apiVersionErrors(value: unknown, path: string): FieldError[] {
  if (typeof value !== 'string') return [invalidValue(path, value, 'must be a string')];
  if (value === '') return [invalidValue(path, value, 'must not be empty')];
  return value.split('/').length > 2 ? [invalidValue(path, value, `unexpected GroupVersion string: ${value}`)] : [];
}

function kindErrors(value: unknown, path: string): FieldError[] {
  if (typeof value !== 'string') return [invalidValue(path, value, 'must be a string')];
  if (value === '') return [invalidValue(path, value, 'must not be empty')];
  const errors = label1035(value.toLowerCase());
  return errors.length > 0 ? [invalidValue(path, value, `may have mixed case, but should otherwise match: ${errors.join(',')}`)] : [];
}

function metadataErrors(value: unknown, path: string): FieldError[] {
  let metadata: ObjectMeta;
  try {
    metadata = decodeMetadata(value, path);
  } catch (error) {
    if (error instanceof DecodeError) return [invalidValue(path, sortedKeys(value), error.message)];
    throw error;
  }
  // An embedded object need not have a name yet, and may have one of any form.
  const named = { ...metadata, name: metadata.name || 'fakename' };
  return validateObjectMeta({ metadata: named } as KubeObject, { namespaced: Boolean(metadata.namespace), nameFormat: 'path' }, path);
}

/** Whether there are embedded objects anywhere below: most schemas have none, and are spared the walk. */
function hasEmbedded(schema: JSONSchemaProps): boolean {
  let known = withEmbedded.get(schema);
  if (known === undefined) {
    known = Boolean(schema['x-kubernetes-embedded-resource']) || innerSchemas(schema).some(hasEmbedded);
    withEmbedded.set(schema, known);
  }
  return known;
}

const withEmbedded = new WeakMap<JSONSchemaProps, boolean>();

function innerSchemas(schema: JSONSchemaProps): JSONSchemaProps[] {
  const { properties = {}, additionalProperties } = schema;
  const items = itemsOf(schema);
  return [...Object.values(properties), ...(items ? [items] : []), ...(typeof additionalProperties === 'object' ? [additionalProperties] : [])];
}
