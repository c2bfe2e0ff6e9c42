import { type Key, type KubeObject, keyOf } from '../kube/object.ts';
import type { LogEvent } from '../log/event.ts';
import { diff } from '../log/patch.ts';
import type { Decision } from './decision.ts';
import type { Draft } from './draft.ts';

/** What a draft comes to: the events that carry it out. */

type Any = Draft<KubeObject | undefined>;

export const added = (object: KubeObject, draft: Any): Decision =>
  decisionOf([{ type: 'ADDED', key: keyIn(draft, object), object, ...by(draft) }], { object, draft, old: undefined });

/** The change from `old` to `object`; no event when they are the same (etcd3's GuaranteedUpdate writes nothing then). */
export function modified(object: KubeObject, old: KubeObject, draft: Any): Decision {
  const patch = diff(old, object);
  if (patch && Object.keys(patch).length === 0) return unchanged(old, draft);
  const key = keyIn(draft, object);
  const event: LogEvent = patch ? { type: 'MODIFIED', key, patch, ...by(draft) } : { type: 'MODIFIED', key, object, ...by(draft) };
  return decisionOf([event], { object, draft, old });
}

export const deleted = (object: KubeObject, draft: Any): Decision => ({
  ...decisionOf([{ type: 'DELETED', key: keyIn(draft, object), ...by(draft) }], { object, draft, old: object }),
  deleted: true,
});

/** Watches see the change before the object goes, as of two writes: the object that is gone is the changed one. */
export function modifiedAndDeleted(object: KubeObject, old: KubeObject, draft: Any): Decision {
  const end = deleted(object, draft);
  return { ...end, events: [...modified(object, old, draft).events, ...end.events], old };
}

export const unchanged = (object: KubeObject, draft: Any): Decision => decisionOf([], { object, draft, old: object });

const decisionOf = (events: LogEvent[], { object, draft, old }: { object: KubeObject; draft: Any; old: KubeObject | undefined }): Decision => ({
  events,
  key: keyIn(draft, object),
  object,
  old,
  deleted: false,
  warnings: draft.warnings,
});

const keyIn = ({ resource: { storedAs, namespaced } }: Any, { metadata }: KubeObject): Key =>
  keyOf(storedAs, namespaced ? metadata.namespace : undefined, metadata.name);

const by = ({ user, cause }: Any) => ({ actor: user, ...(cause !== undefined && { cause }) });
