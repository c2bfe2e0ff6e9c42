import { type Fields, fieldsOf, objectOf } from '../kube/fields.ts';
import type { KubeObject } from '../kube/object.ts';

/** An object as subscribers may know it: a Secret keeps the names of its data, and nothing that kubectl has noted of it. */
export function withoutSecrets(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return object;
  const { data, metadata, ...rest } = fieldsOf(object) as Fields & { data?: Fields; metadata: KubeObject['metadata'] };
  const { [LAST_APPLIED]: _, ...annotations } = metadata.annotations ?? {};
  return objectOf({
    ...rest,
    metadata: { ...metadata, ...(metadata.annotations && { annotations }) },
    ...(data && { data: Object.fromEntries(Object.keys(data).map((name) => [name, ''])) }),
  });
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
