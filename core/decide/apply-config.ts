import type { Fields } from '../kube/fields.ts';
import { badRequest } from '../kube/status.ts';
import type { MergeType } from '../managed-fields/merge-type.ts';
import { type Applying, type TrackedApply, trackApply } from '../managed-fields/tracking.ts';
import { typeErrors } from '../managed-fields/type-errors.ts';
import { Conflicts } from '../managed-fields/updater.ts';
import { applyConflict, unexpected } from './apply-refusals.ts';
import { isAllowedByLastApplied } from './last-applied.ts';

export type Configuration = Applying & { readonly empty: unknown };

/** What a configuration makes of an object. Throws 409 for fields that belong to other managers. */
export function applyConfig(write: Configuration, type: MergeType): TrackedApply {
  try {
    return trackApply(write);
  } catch (error) {
    if (!(error instanceof Conflicts)) throw error;
    // Who applied with kubectl before it did so on the server owns what it applied then.
    const left = write.by.manager === 'kubectl' ? error.conflicts.filter((one) => !isAllowedByLastApplied(one, write, type)) : error.conflicts;
    if (left.length > 0) throw applyConflict(left);
    return trackApply({ ...write, force: true });
  }
}

interface ConfigOf {
  readonly apiVersion: string;
  readonly kind: string;
  readonly type: MergeType;
}

/** Throws 400 for a configuration of something else, or of managed fields, and 500 for one that its type does not allow. */
export function checkConfig(config: Fields, { apiVersion, kind, type }: ConfigOf): void {
  if ((config['apiVersion'] ?? '') !== apiVersion || config['kind'] !== kind) {
    throw badRequest(`invalid object type: ${shownVersion(String(config['apiVersion'] ?? ''))}, Kind=${config['kind'] ?? ''}`);
  }
  const { metadata } = config as { metadata?: Fields | null };
  const { managedFields, namespace = '', name = '' } = metadata ?? {};
  if (managedFields !== undefined && managedFields !== null) throw badRequest('metadata.managedFields must be nil');
  const wrong = typeErrors(config, type);
  if (wrong) throw unexpected(`failed to create typed patch object (${namespace}/${name}; ${shownVersion(apiVersion)}, Kind=${kind}): ${wrong}`);
}

/** As Go prints the group and version of a kind. */
const shownVersion = (apiVersion: string): string => (apiVersion.includes('/') ? apiVersion : `/${apiVersion}`);
