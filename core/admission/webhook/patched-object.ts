import { type Fields, isFields, objectOf } from '../../kube/fields.ts';
import { apiVersionOf, type GroupVersionKind } from '../../kube/group-version-kind.ts';
import { parseJson } from '../../kube/json.ts';
import { deeperThan, MAX_DEPTH } from '../../kube/json-bounds.ts';
import { type KubeObject, same } from '../../kube/object.ts';
import { badRequest, internalError, requestTooLarge, StatusError } from '../../kube/status.ts';
import { readEntries } from '../../managed-fields/managed-entry.ts';
import { coerceObject } from '../../schema/custom/decode-custom.ts';
import { DecodeError } from '../../schema/leaves.ts';
import { applyOperations, JsonPatchError, operationsOf } from '../../schema/patching/json-patch-operations.ts';
import { decoderOf } from '../../schema/structural.ts';
import type { Matched } from '../matching/matcher.ts';
import type { Shown } from '../matching/shown.ts';
import type { MutatingReview } from '../plugin.ts';
import { CallingError } from './calling-error.ts';
import type { ConfiguredWebhook } from './configured-webhooks.ts';
import { encodedObjects, typeOf } from './shown-object.ts';

/** The operations of a JSON patch. Throws a CallingError when it is none. */
export function operationsIn(text: string, webhook: ConfiguredWebhook): Fields[] {
  try {
    return operationsOf(parseJson(text));
  } catch (error) {
    throw new CallingError(webhook, `received undecodable patch in webhook response: ${(error as Error).message}`);
  }
}

interface Patching {
  readonly review: MutatingReview;
  readonly matched: Matched;
  readonly shown: Shown;
}

/**
 * Puts the patched object in the place of the one that was shown: decoded, pruned and with its defaults, as if a client had sent it so. `asked`: a webhook has to convert it back
 * first. Throws 500 when the patch cannot be applied, or makes something else of the object.
 */
export function patched(operations: readonly Fields[], { review, matched: { kind }, shown }: Patching): 'asked' | 'changed' | 'unchanged' {
  const before = encodedObjects(shown, kind, review).object!;
  const value = applied(operations, before);
  const decoded = decodedAs(kind, withoutManagers(value), review);
  const object = review.inVersion(inItsNamespace(decoded, review), review.object!.apiVersion);
  if (!object) return 'asked';
  const managers = changedManagers(before, value);
  if (managers) review.managedFields = managers;
  const isChanged = managers !== undefined || !same(decoded, shown.object);
  if (object.kind === review.resource.kind) review.resource.strategy.defaults?.(object);
  review.object = object;
  return isChanged ? 'changed' : 'unchanged';
}

/** As much as an object may take when it is stored. */
const MAX_BYTES = 1.5 * 1024 * 1024;

function applied(operations: readonly Fields[], object: KubeObject): Fields {
  let value: unknown;
  try {
    value = applyOperations(object, operations);
  } catch (error) {
    throw error instanceof JsonPatchError ? internalError(error.message) : error;
  }
  if (!isFields(value)) throw internalError("couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct");
  // By a patch that is small itself an object may grow beyond what is taken in at once.
  if (deeperThan(value, MAX_DEPTH)) throw internalError('exceeded max depth');
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_BYTES) throw requestTooLarge('etcdserver: request is too large');
  return value;
}

function decodedAs(kind: GroupVersionKind, value: Fields, { resource }: MutatingReview): KubeObject {
  const apiVersion = apiVersionOf(kind);
  const given = { apiVersion: value['apiVersion'] || apiVersion, kind: value['kind'] || kind.kind };
  if (given.apiVersion !== apiVersion || given.kind !== kind.kind) {
    throw internalError(`no conversion of ${String(given.apiVersion)}, Kind=${String(given.kind)} to ${apiVersion}, Kind=${kind.kind}`);
  }
  try {
    const schema = resource.custom?.types.get(apiVersion)?.type.jsonSchema;
    if (schema && kind.kind === resource.kind) return coerceObject({ ...value, ...given }, schema);
    const type = typeOf(kind);
    return {
      ...(type ? (decoderOf(type).decode(value, { path: [], words: 'json' }) as KubeObject) : objectOf(value)),
      ...(given as { apiVersion: string; kind: string }),
    };
  } catch (error) {
    if (error instanceof DecodeError) throw internalError(error.message);
    throw error instanceof StatusError && error.code === 400 ? internalError(error.message) : error;
  }
}

/** Throws 400: an object does not move to another namespace (rest.EnsureObjectNamespaceMatchesRequestNamespace). */
function inItsNamespace(object: KubeObject, { namespace, resource }: MutatingReview): KubeObject {
  // What a connection says of itself has no metadata.
  if (object.metadata === undefined) return object;
  const { namespace: given, ...metadata } = object.metadata;
  if (!resource.namespaced) return given === undefined ? object : { ...object, metadata };
  if (given && given !== namespace) throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  return given ? object : { ...object, metadata: { ...metadata, namespace: namespace! } };
}

/** Who owns the fields is no field of the object. */
function withoutManagers(value: Fields): Fields {
  const { metadata } = value;
  if (!isFields(metadata) || !('managedFields' in metadata)) return value;
  const { managedFields: _, ...rest } = metadata;
  return { ...value, metadata: rest };
}

/** Those that the patch leaves, where it changes them and they are any (fieldmanager's NewManagedFieldsValidatingAdmissionController). */
function changedManagers(before: KubeObject, after: Fields) {
  const [was, is] = [before, after].map(({ metadata }) => (isFields(metadata) ? (metadata['managedFields'] ?? []) : []));
  return same(was, is) || !Array.isArray(is) ? undefined : readEntries(is);
}
