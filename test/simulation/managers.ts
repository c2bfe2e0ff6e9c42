import type { KubeObject } from '../../core/kube/object.ts';

/** An object as the log has it: who owns its fields is derived, and a matter of its own (checkers/managers.ts). */
export function withoutManagers(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
