import type { Fields } from '../kube/fields.ts';
import { badRequest } from '../kube/status.ts';
import type { MergeType } from '../managed-fields/merge-type.ts';
import { type Applying, type TrackedApply, trackApply } from '../managed-fields/tracking.ts';
import { typeErrors } from '../managed-fields/type-errors.ts';
import { Conflicts } from '../managed-fields/updater.ts';
import { DecodeError } from '../schema/leaves.ts';
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
    throw badRequest(`invalid object type: ${shownVersion(textOf(config['apiVersion']))}, Kind=${textOf(config['kind'])}`);
  }
  const { managedFields } = (config['metadata'] ?? {}) as Fields;
  if (managedFields !== undefined && managedFields !== null) throw badRequest('metadata.managedFields must be nil');
  const wrong = typeErrors(config, type);
  if (wrong) throw unexpected(`failed to create typed patch object (${shownObject(config, apiVersion, kind)}): ${wrong}`);
}

/** The object that a configuration makes. Throws 500 for what its type does not say of it: a number that is too large, a text that is no quantity. */
export function converted<T>(config: Fields, { apiVersion, kind }: Omit<ConfigOf, 'type'>, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw unexpected(`failed to convert new object (${shownObject(config, apiVersion, kind)}) to proper version: ${error.message}`);
  }
}

/** `default/web; apps/v1, Kind=Deployment` (apimachinery's managedfields, `objectGVKNN`). */
function shownObject(config: Fields, apiVersion: string, kind: string): string {
  const { namespace, name } = (config['metadata'] ?? {}) as Fields;
  return `${textOf(namespace)}/${textOf(name)}; ${shownVersion(apiVersion)}, Kind=${kind}`;
}

/** As Go gets it from an object of any shape. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** As Go prints the group and version of a kind. */
const shownVersion = (apiVersion: string): string => (apiVersion.includes('/') ? apiVersion : `/${apiVersion}`);
