import { applyPatch } from '../kube/merge-patch.ts';
import { type Key, type KubeObject, keyOf } from '../kube/object.ts';
import type { LogEvent } from '../log/event.ts';
import { diff } from '../log/patch.ts';
import { sameEntries } from '../managed-fields/managed-entry.ts';
import { entriesIn, own, ownershipIn } from '../managed-fields/ownership.ts';
import { type Ownership, ownershipOf } from '../managed-fields/shapes.ts';
import type { Decision } from './decision.ts';
import type { Draft } from './draft.ts';
import { withOwnership } from './ownership-events.ts';

/** What a draft comes to: the events that carry it out. */

type Any = Draft<KubeObject | undefined>;

export function added(object: KubeObject, draft: Any): Decision {
  const event = { type: 'ADDED', key: keyIn(draft, object), object, ...by(draft) } as const;
  return decisionOf(withOwnership(event, { object, old: undefined, draft }), { object, draft, old: undefined });
}

/** The change from `old` to `object`; no event when they are the same (etcd3's GuaranteedUpdate writes nothing then), with the same owners. */
export function modified(object: KubeObject, old: KubeObject, draft: Any): Decision {
  const patch = diff(old, object);
  if (patch && Object.keys(patch).length === 0 && hasSameOwners(old, draft)) return unchanged(old, draft);
  const key = keyIn(draft, object);
  const event: LogEvent = patch ? { type: 'MODIFIED', key, patch, ...by(draft) } : { type: 'MODIFIED', key, object, ...by(draft) };
  // What `evolve` will make of it shares with the old one what stays, which need not be compared.
  const after = patch ? applyPatch(old, patch) : object;
  return decisionOf(withOwnership(event, { object: after, old, draft }), { object, draft, old });
}

/** Since when they own what they own is no change (apiserver's IgnoreManagedFieldsTimestampsTransformer). */
const hasSameOwners = (old: KubeObject, { managedFields }: Any): boolean => !managedFields || sameEntries(managedFields, entriesIn(old), { times: false });

export function deleted(object: KubeObject, draft: Any): Decision {
  const event: LogEvent = { type: 'DELETED', key: keyIn(draft, object), ...by(draft) };
  // As its last write left it.
  const ownership = draft.managedFields ? ownershipOf(draft.managedFields) : draft.old && ownershipIn(draft.old);
  return { ...decisionOf({ event, ownership }, { object, draft, old: object }), deleted: true };
}

/** Watches see the change before the object goes, as of two writes: the object that is gone is the changed one. */
export function modifiedAndDeleted(object: KubeObject, old: KubeObject, draft: Any): Decision {
  const end = deleted(object, draft);
  return { ...end, events: [...modified(object, old, draft).events, ...end.events], old };
}

export const unchanged = (object: KubeObject, draft: Any): Decision => decisionOf({ ownership: ownershipIn(object) }, { object, draft, old: object });

interface Comes {
  readonly event?: LogEvent;
  readonly ownership: Ownership | undefined;
}

const decisionOf = ({ event, ownership }: Comes, { object, draft, old }: { object: KubeObject; draft: Any; old: KubeObject | undefined }): Decision => ({
  events: event ? [event] : [],
  key: keyIn(draft, object),
  object: own(object, ownership),
  old,
  deleted: false,
  warnings: draft.warnings,
  warningsBeforeJudging: draft.warningsBeforeJudging,
});

const keyIn = ({ changes: { storedAs, namespaced } }: Any, { metadata }: KubeObject): Key =>
  keyOf(storedAs, namespaced ? metadata.namespace : undefined, metadata.name);

const by = ({ user, cause }: Any) => ({ actor: user, ...(cause !== undefined && { cause }) });
