import type { ApiResource } from '../apis/api-resource.ts';
import { apisOf } from '../apis/apis.ts';
import { type Fields, fieldsOf, isFields, objectOf } from '../kube/fields.ts';
import { type KubeObject, type ObjectMeta, same } from '../kube/object.ts';
import { StatusError } from '../kube/status.ts';
import { ListElementError } from '../managed-fields/list-elements.ts';
import { type ManagedEntry, readEntries } from '../managed-fields/managed-entry.ts';
import { entriesIn, managedFieldsOf } from '../managed-fields/ownership.ts';
import { isUntrackedMetadata, trackUpdate } from '../managed-fields/tracking.ts';
import type { Draft } from './draft.ts';
import { storageApiVersion, Unanswered, versionsOf } from './field-versions.ts';
import type { Stage } from './stages.ts';

/** What a write says of who owns the fields. */
export type Ownership = Partial<Pick<Draft, 'manager' | 'sentManagedFields' | 'applied' | 'managedFields'>>;

/**
 * Who owns the fields follows from what the client sent, with its defaults: what admission and the strategy add has no owner (apiserver's handlers call the field manager
 * before they admit).
 */
export const trackFields: Stage = (draft) => {
  if (draft.managedFields || !draft.manager) return;
  // Most writers of a status have nothing added to it: what they sent is looked at only if that has happened.
  const { sent } = draft;
  if (draft.subresource === 'status') draft.sentStatus = statusOf(draft.object);
  else if (sent) draft.managedFields = () => ownersAfter(draft, sent);
  else draft.managedFields = ownersAfter(draft, draft.object);
};

/**
 * What was sent of a new object, where that is all that its fields' owners follow from: of a kind without defaults, and without managers that came with it. As with a status, most have
 * nothing added that could have an owner.
 */
export function sentAlone(
  given: KubeObject,
  { strategy, custom }: ApiResource,
  { manager, sentManagedFields, managedFields }: Ownership,
): KubeObject | undefined {
  const more = strategy.defaults ?? strategy.resetFields?.[''] ?? sentManagedFields ?? managedFields ?? manager?.apiVersion;
  return manager && !custom && more === undefined && statusOf(given) === undefined ? given : undefined;
}

/** Who owns what after a write that did not stay what was sent; undefined: it did, and all that was changed is the writer's. */
export function ownersOfSent(draft: Draft<KubeObject | undefined>): readonly ManagedEntry[] | undefined {
  if (draft.isOwnershipOpen && isAsSent(draft.object!, draft.sent!)) return undefined;
  return draft.managedFields ?? statusOwners(draft);
}

/** But for what has no owner anyway. */
function isAsSent(object: KubeObject, sent: KubeObject): boolean {
  const { metadata: is, ...others } = object;
  const { metadata: was, ...sentOthers } = sent;
  return same(others, sentOthers) && hasTracked(is, was) && hasTracked(was, is);
}

/** Whether one has all that the other has and that can have owners. */
function hasTracked(one: ObjectMeta, other: ObjectMeta): boolean {
  for (const name in other) {
    if (!isUntrackedMetadata(name) && !same((one as unknown as Fields)[name], (other as unknown as Fields)[name])) return false;
  }
  return true;
}

/** The status of a custom object, before it is brought into the version that is stored. */
export const trackStatus: Stage = (draft) => {
  if (draft.resource.custom && draft.manager && !draft.managedFields) draft.managedFields = statusOwners(draft);
};

/** Who owns what after a write to the status that did not stay what was sent; undefined: it did. */
function statusOwners(draft: Draft<KubeObject | undefined>): readonly ManagedEntry[] | undefined {
  const { object, sentStatus, subresource } = draft as Draft;
  if (subresource !== 'status' || (statusOf(object) === sentStatus && isUsualStatusWrite(draft as Draft))) return undefined;
  const { status: _, ...rest } = fieldsOf(object);
  return ownersAfter(draft as Draft, objectOf({ ...rest, ...(sentStatus !== undefined && { status: sentStatus }) }));
}

/** Whether `evolve` knows all that such a write leaves alone: the spec, and, of some kinds, metadata, which most leave alone anyway. */
function isUsualStatusWrite({ resource, manager, object, old }: Draft): boolean {
  const { resetFields, statusKeeps } = resource.strategy;
  if (resource.custom || manager?.apiVersion) return false;
  const reset = resetFields?.['status'] ?? [];
  if (reset.length === 0 && statusKeeps === undefined) return true;
  return reset.every(([root]) => root !== 'status') && hasSameMetadata(object, old!);
}

function hasSameMetadata({ metadata }: KubeObject, old: KubeObject): boolean {
  const [is, was] = [metadata as unknown as Fields, old.metadata as unknown as Fields];
  const names = Object.keys(is);
  return names.length === Object.keys(was).length && names.every((name) => is[name] === was[name]);
}

const statusOf = (object: KubeObject): unknown => fieldsOf(object)['status'];

function ownersAfter(draft: Draft, object: KubeObject): readonly ManagedEntry[] {
  const { manager, resource, state, old, now } = draft;
  const entries = entriesBefore(draft);
  const apis = apisOf(state);
  const storage = storageApiVersion(resource, apis);
  const { name, apiVersion = storage, subresource } = manager!;
  const versions = versionsOf(resource, { apis, subresource, ask: draft.ask });
  // A custom object says itself of which version it is.
  const inVersion = (one: KubeObject) => versions.convert({ value: one, apiVersion: resource.custom ? one.apiVersion : storage }, apiVersion);
  try {
    return trackUpdate({
      live: old ? inVersion(old) : {},
      next: inVersion(object),
      entries,
      by: { manager: name, apiVersion, subresource },
      versions,
      now: Math.floor(now / 1000),
      creates: !old,
    });
  } catch (error) {
    if (error instanceof Unanswered) return [];
    // Kubernetes gives up what cannot be told, and what a webhook does not convert (UpdateNoErrors).
    if (!(error instanceof ListElementError || (error instanceof StatusError && resource.custom?.webhook))) throw error;
    return [];
  }
}

/** The managers before a write (fieldmanager.go, decodeLiveOrNew): a client may set them, but not through a subresource, nor by what says nothing. */
function entriesBefore({ old, sentManagedFields: sent, manager }: Draft): readonly ManagedEntry[] {
  if (!sent || manager?.subresource || (old && same(sent, managedFieldsOf(old)))) return entriesIn(old);
  if (isReset(sent)) return [];
  const entries = readEntries(sent);
  return entries?.length ? entries : entriesIn(old);
}

/** `[]` or `[{}]`: the client wants no managers. */
const isReset = ([first, ...others]: readonly unknown[]): boolean => others.length === 0 && (first === undefined || (isFields(first) && isEmpty(first)));

const isEmpty = (fields: Fields): boolean => Object.keys(fields).length === 0;
