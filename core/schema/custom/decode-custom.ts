import { apiVersionOf, type GroupVersionKind } from '../../kube/group-version-kind.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { JSONSchemaProps } from '../generated/kinds.ts';
import { DecodeError } from '../leaves.ts';
import { pruned, withDefaults } from './coerce.ts';
import { decodeMetadata, EmbeddedError, withDecodedMetadata } from './embedded.ts';

/**
 * A custom object as its schema leaves it: metadata decoded, unknown fields and nulls pruned, defaults filled in (apiextensions-apiserver's unstructuredSchemaCoercer
 * and unstructuredDefaulter). Its types are checked later, by validation. `unknown` is told of each field that goes. Throws DecodeError.
 */
export function coerceObject(value: object, schema: JSONSchemaProps, unknown?: (path: string) => void): KubeObject {
  const { apiVersion, kind, metadata } = value as Partial<KubeObject>;
  const inMetadata: string[] = [];
  const inFields: string[] = [];
  const inEmbedded: string[] = [];
  const collect = (into: string[]) => (unknown ? (path: string) => into.push(path) : undefined);
  const decoded = metadata === undefined ? undefined : decodeMetadata(metadata, 'metadata', collect(inMetadata));
  const kept = pruned(value, schema, collect(inFields));
  const coerced = embedded(kept, schema, collect(inEmbedded));
  for (const path of [...inMetadata, ...inFields.sort(), ...inEmbedded.sort()]) unknown!(path);
  const whole = withMeta(coerced, { apiVersion, kind, metadata: decoded });
  return withDefaults(whole, schema) as KubeObject;
}

/** An object of another kind than its schema is of, of which only the metadata are looked at. Throws DecodeError. */
export function coerceMetadata(value: object, unknown?: (path: string) => void): KubeObject {
  const { apiVersion, kind, metadata } = value as Partial<KubeObject>;
  return withMeta(value, { apiVersion, kind, metadata: metadata === undefined ? undefined : decodeMetadata(metadata, 'metadata', unknown) }) as KubeObject;
}

function embedded(value: object, schema: JSONSchemaProps, unknown: ((path: string) => void) | undefined): object {
  try {
    return withDecodedMetadata(value, schema, '', unknown) as object;
  } catch (error) {
    throw error instanceof EmbeddedError ? new DecodeError(error.message) : error;
  }
}

/** Its type and its metadata, whatever the schema says of them. The same object when it has them already. */
function withMeta(value: object, meta: Partial<KubeObject>): object {
  const given = value as Partial<KubeObject>;
  if (given.apiVersion === meta.apiVersion && given.kind === meta.kind && given.metadata === meta.metadata) return value;
  const { apiVersion: _a, kind: _k, metadata: _m, ...rest } = given;
  return {
    ...(meta.apiVersion !== undefined && { apiVersion: meta.apiVersion }),
    ...(meta.kind !== undefined && { kind: meta.kind }),
    ...(meta.metadata !== undefined && { metadata: meta.metadata }),
    ...rest,
  };
}

/** An object as one of a type, whatever it says itself. */
export const typedAs = (object: KubeObject, gvk: GroupVersionKind): KubeObject => {
  const apiVersion = apiVersionOf(gvk);
  return object.apiVersion === apiVersion && object.kind === gvk.kind ? object : { ...object, apiVersion, kind: gvk.kind };
};
