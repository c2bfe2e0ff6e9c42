import { secretWithoutValues } from '../api/changes/without-secrets.ts';
import type { KubeObject } from '../kube/object.ts';

/** An object as subscribers may know it: of a Secret, how long its values are. */
export const withoutSecrets = (object: KubeObject): KubeObject =>
  object.kind === 'Secret' && object.apiVersion === 'v1' ? secretWithoutValues(object as Parameters<typeof secretWithoutValues>[0] & KubeObject) : object;
