import { apisOf } from '../apis/apis.ts';
import { type Fields, isFields } from '../kube/fields.ts';
import { type KubeObject, same } from '../kube/object.ts';
import { ListElementError } from '../managed-fields/list-elements.ts';
import { type ManagedEntry, readEntries } from '../managed-fields/managed-entry.ts';
import { entriesIn, managedFieldsOf } from '../managed-fields/ownership.ts';
import { trackUpdate } from '../managed-fields/tracking.ts';
import type { Draft } from './draft.ts';
import { storageApiVersion, versionsOf } from './field-versions.ts';
import type { Stage } from './stages.ts';

/** What a write says of who owns the fields. */
export type Ownership = Partial<Pick<Draft, 'manager' | 'sentManagedFields' | 'applied' | 'managedFields'>>;

/**
 * Whose the fields are by what the writer sent, with its defaults: what admission and the strategy make of it is nobody's (apiserver's handlers call the field manager
 * before they admit).
 */
export const trackFields: Stage = (draft) => {
  if (draft.managedFields || !draft.manager) return;
  const { manager, resource, state, old, object, now } = draft;
  const entries = entriesBefore(draft);
  const { name, apiVersion = storageApiVersion(resource), subresource } = manager;
  const versions = versionsOf(resource, apisOf(state), subresource);
  const inVersion = (stored: KubeObject) => versions.convert({ value: stored, apiVersion: storageApiVersion(resource) }, apiVersion);
  try {
    draft.managedFields = trackUpdate({
      live: old ? inVersion(old) : {},
      next: inVersion(object),
      entries,
      by: { manager: name, apiVersion, subresource },
      versions,
      now: Math.floor(now / 1000),
      creates: !old,
    });
  } catch (error) {
    if (!(error instanceof ListElementError)) throw error;
    // Kubernetes gives up what cannot be told (UpdateNoErrors).
    draft.managedFields = [];
  }
};

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
