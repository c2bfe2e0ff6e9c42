import { secretWithoutValues } from '../../core/api/changes/without-secrets.ts';
import type { KubeObject } from '../../core/kube/object.ts';

/** An object as agents are shown it: without who owns which field, and without the values of a Secret, unless these are to be given. */
export function shownObject<T extends KubeObject>(object: T, { secrets }: { readonly secrets: boolean }): T {
  const { managedFields: _, ...metadata } = object.metadata;
  const shown = { ...object, metadata } as T;
  return isSecret(object) && !secrets ? secretWithoutValues(shown) : shown;
}

export const isSecret = ({ apiVersion, kind }: KubeObject): boolean => kind === 'Secret' && apiVersion === 'v1';
