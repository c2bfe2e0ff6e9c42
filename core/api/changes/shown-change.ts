import type { ChangedObject, ChangeHead, ChangeObject } from '../../apis/logplane/change.ts';
import { API_VERSION } from '../../apis/logplane/own-resource.ts';
import { type KubeObject, microTimestamp, parseKey, timestamp } from '../../kube/object.ts';
import type { Change } from '../../state/change.ts';
import { differencesOf } from '../../state/differences.ts';
import type { ChangeReader } from './reader.ts';
import type { Head } from './selection.ts';
import { whatOf } from './what.ts';
import { withoutSecrets } from './without-secrets.ts';

/** A change as a reader is shown it. */
export function shownChange(change: Change, reader: ChangeReader): ChangeObject {
  const { offset, key, object, manager, time } = change;
  const { namespace, resource } = parseKey(key);
  const mayGet = reader.mayGet(key);
  const found = mayGet ? differencesOf(change).map((difference) => withoutSecrets(resource, difference)) : [];
  const { labels } = object.metadata;
  return {
    apiVersion: API_VERSION,
    kind: 'Change',
    metadata: {
      name: String(offset),
      ...(namespace && { namespace }),
      resourceVersion: String(offset),
      creationTimestamp: timestamp(time),
      ...(mayGet && labels && { labels }),
    },
    ...headOf(change, { object: changedObject(change.key, object), what: whatOf(change.type, found) }),
    ...(manager && { manager }),
    ...(mayGet && { differences: found.map(({ steps: _, ...difference }) => difference) }),
  };
}

/** Which change it is, in short. */
export const headOf = (
  { offset, time, type, key, actor, cause }: Head,
  { object = changedObject(key), what }: { readonly object?: ChangedObject; readonly what: string },
): ChangeHead => ({
  offset,
  time: microTimestamp(time),
  type,
  object,
  actor,
  what,
  ...(cause !== undefined && { cause }),
});

export function changedObject(key: Change['key'], object?: KubeObject): ChangedObject {
  const { resource, namespace, name } = parseKey(key);
  const uid = object?.metadata.uid;
  return { resource, ...(object && { apiVersion: object.apiVersion, kind: object.kind }), ...(namespace && { namespace }), name, ...(uid && { uid }) };
}
