import type { KubeObject } from '../../core/kube/object.ts';
import { definitionOf, schemaOf } from '../../core/schema/built-in-types.ts';
import { withZeros } from '../../core/schema/zero-values.ts';

/** An object as it was answered, without its managers: who owns its fields is derived, and a matter of its own (checkers/managers.ts). */
export function withoutManagers(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** An object of the log as it is answered: with the zeros that Go never omits. */
export function shown(object: KubeObject): KubeObject {
  const definition = definitionOf(object.apiVersion, object.kind);
  return definition === undefined ? object : withZeros<KubeObject>(schemaOf(definition)!)(object);
}
