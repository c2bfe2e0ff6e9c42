import { type Fields, fieldsOf, isFields } from '../core/kube/fields.ts';
import type { KubeObject } from '../core/kube/object.ts';

/**
 * Makes of Secrets what can be shown of them: their names, and the keys by which pods ask for them, without values. Neither annotations (which may hold what was applied last) nor types (which
 * ask for certain keys) are kept.
 */
export function secretNames(objects: readonly KubeObject[]): (secret: KubeObject) => Fields | undefined {
  const keys = new Map<string, Set<string>>();
  for (const object of objects) for (const { name, key } of asked(fieldsOf(object))) keysOf(keys, `${object.metadata.namespace}/${name}`).add(key);
  return ({ metadata }) => {
    const { name, namespace, labels, annotations } = metadata;
    // A token of an account, which has another one here.
    if (annotations?.['kubernetes.io/service-account.name'] !== undefined) return undefined;
    const data = Object.fromEntries([...(keys.get(`${namespace}/${name}`) ?? [])].sort().map((key) => [key, '']));
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, ...(namespace !== undefined && { namespace }), ...(labels && { labels }) },
      ...(Object.keys(data).length > 0 && { data }),
    };
  };
}

function keysOf(keys: Map<string, Set<string>>, id: string): Set<string> {
  const found = keys.get(id) ?? new Set<string>();
  keys.set(id, found);
  return found;
}

/** Wherever in an object a key of a Secret is asked for: environment variables (secretKeyRef) and volumes (secret.items). */
function* asked(value: unknown): Generator<{ name: string; key: string }> {
  if (Array.isArray(value)) for (const element of value) yield* asked(element);
  if (!isFields(value)) return;
  const { secretKeyRef, secret } = value;
  if (isFields(secretKeyRef)) yield { name: String(secretKeyRef['name']), key: String(secretKeyRef['key']) };
  if (isFields(secret) && Array.isArray(secret['items']))
    for (const item of secret['items'] as { key?: unknown }[]) yield { name: String(secret['secretName'] ?? secret['name']), key: String(item.key) };
  for (const child of Object.values(value)) yield* asked(child);
}
