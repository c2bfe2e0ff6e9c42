import { ConstructedObject, misplaced } from '../../cel/constructed-objects.ts';
import { jsonOf } from '../../cel/json.ts';
import { Failure, ListValue, type Value } from '../../cel/value.ts';
import { fieldPath } from '../../kube/field-path.ts';
import { type Fields, fieldsOf, objectOf } from '../../kube/fields.ts';
import type { GroupVersionKind } from '../../kube/group-version-kind.ts';
import { clone, type KubeObject } from '../../kube/object.ts';
import { internalError } from '../../kube/status.ts';
import { atomicParts } from '../../managed-fields/atomic-parts.ts';
import { merge } from '../../managed-fields/merge.ts';
import { mergeTypeOf } from '../../managed-fields/merge-type.ts';
import { typeErrors } from '../../managed-fields/type-errors.ts';
import { coerceObject } from '../../schema/custom/decode-custom.ts';
import { DecodeError, type PathStep } from '../../schema/leaves.ts';
import { applyOperations, JsonPatchError, TestFailed } from '../../schema/patching/json-patch-operations.ts';
import type { TypeSchema } from '../../schema/schema.ts';
import { decoderOf } from '../../schema/structural.ts';

/** What keeps a mutation from being made: the failure policy says what comes of that. */
export class MutationError extends Error {
  override readonly name = 'MutationError';
}

/** What is mutated: an object as the kind that it was matched as, and the type of that. */
export interface Mutated {
  readonly object: KubeObject;
  readonly kind: GroupVersionKind;
  readonly type: TypeSchema;
}

/** Makes of an object and what an expression evaluates to another object; neither is changed. Throws a MutationError, or the Status that refuses the request. */
export type Mutate = (of: Mutated, value: Value) => KubeObject;

/** How the expressions of a policy mutate, by their type (k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch). */
export const mutations: Readonly<Record<string, Mutate>> = { ApplyConfiguration: applyConfiguration, JSONPatch: jsonPatch };

/** Lays a configuration over the object: nothing is removed, and what is owned as a whole cannot be set, for it would be replaced (smd.go). */
function applyConfiguration({ object, kind, type }: Mutated, value: Value): KubeObject {
  if (!(value instanceof ConstructedObject)) throw new MutationError('unsupported return type from ApplyConfiguration expression');
  checkTypes(value, ['Object']);
  const fields = jsonOf(value);
  if (fields instanceof Failure) throw new MutationError('invalid return type: *dynamic.ObjectVal');
  const patch = { ...(fields as Fields), apiVersion: object.apiVersion, kind: object.kind };
  const mergeType = mergeTypeOf(type);
  const wrong = typeErrors(patch, mergeType);
  if (wrong) throw failed(`failed to convert patch object to typed object: ${wrong}`);
  const atomics = atomicParts(patch, mergeType);
  if (atomics.length > 0) throw failed(`invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`);
  const merged = merge(object, patch, mergeType);
  return decoded(merged, type, { words: 'conversion' }, (why) => new MutationError(`unable to convert unstructured object to ${textOf(kind)}: ${why}`));
}

const failed = (why: string) => new MutationError(`error applying patch: ${why}`);

/** An object that an expression has made has the type of the field that it stands in. */
function checkTypes(value: Value, path: readonly string[]): void {
  const wrong = misplaced(value, path);
  if (wrong.length > 0) throw new MutationError(`type mismatch: ${wrong.join('\n')}`);
}

/** Applies the operations; one `test` that does not hold leaves all as it was (json_patch.go). */
function jsonPatch({ object, type }: Mutated, value: Value): KubeObject {
  if (!(value instanceof ListValue)) throw new MutationError('type mismatch: JSONPatchType.expression should evaluate to array');
  const operations = [...value].map(operationOf);
  try {
    return decoded(applyOperations(fieldsOf(object), operations), type, { words: 'json' }, (why) => internalError(why));
  } catch (error) {
    if (error instanceof TestFailed) return object;
    throw error instanceof JsonPatchError ? new MutationError(`JSON Patch: ${error.message}`) : error;
  }
}

function operationOf(made: Value | Failure): Fields {
  if (!(made instanceof ConstructedObject)) throw new MutationError('type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch');
  const { op = '', path = '', from } = Object.fromEntries(made.fields);
  const value = made.fields.get('value');
  if (value === undefined) return { op, path, ...(from !== undefined && from !== '' && { from }) };
  if (value instanceof ConstructedObject) checkTypes(value, [value.type.name]);
  const json = jsonOf(value);
  if (json instanceof Failure) {
    throw new MutationError(`JSONPath valueExpression evaluated to a type that could not marshal to JSON: ${json.message}`);
  }
  return { op, path, ...(from !== undefined && from !== '' && { from }), value: json };
}

/** What has been made, as an object of its type: a copy, for it may share with what the expression was shown. */
function decoded(made: unknown, type: TypeSchema, { words }: { readonly words: 'json' | 'conversion' }, failure: (why: string) => Error): KubeObject {
  const unknown: string[] = [];
  try {
    const value = clone(made) as Fields;
    if (type.jsonSchema) return coerceObject(value, type.jsonSchema);
    const path: PathStep[] = [];
    const note = (name: string) => unknown.push(`unknown field ${JSON.stringify(fieldPath([...path.map(nameOfStep), name]))}`);
    const object = decoderOf(type).decode(value, { path, words, unknown: note }) as Fields;
    if (unknown.length > 0) throw failure(`strict decoding error: ${unknown.join(', ')}`);
    return objectOf(object);
  } catch (error) {
    throw error instanceof DecodeError ? failure(error.message) : error;
  }
}

const nameOfStep = (step: PathStep) => (typeof step === 'object' ? step.name : step);

/** As Go prints a kind. */
const textOf = ({ group, version, kind }: GroupVersionKind): string => `${group}/${version}, Kind=${kind}`;
