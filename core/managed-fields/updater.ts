import { same } from '../kube/object.ts';
import { StatusError } from '../kube/status.ts';
import { type Comparison, changed, compare, without } from './comparison.ts';
import { FieldSet } from './field-set.ts';
import { fieldSetOf } from './field-set-of.ts';
import { merge } from './merge.ts';
import type { MergeType } from './merge-type.ts';
import { withNamedFields } from './named-fields.ts';
import type { PathElement } from './path-element.ts';
import { reconciled } from './reconciled.ts';
import { remove } from './remove.ts';
import { difference, differenceBelow, intersection, union } from './set-operations.ts';

/** Ownership over the life of an object: sigs.k8s.io/structured-merge-diff, merge/update.go. */

/** What a field manager owns. */
export interface Owned {
  readonly set: FieldSet;
  readonly apiVersion: string;
  readonly isApplied: boolean;
}

/** By manager. */
export type Owners = ReadonlyMap<string, Owned>;

/** A value and what it is of. */
export interface Versioned {
  readonly value: unknown;
  readonly apiVersion: string;
}

/** The versions of a kind. */
export interface Versions {
  /** The type of a version; undefined: there is none. */
  typeOf(apiVersion: string): MergeType | undefined;
  /** A value in another version, of which there is a type. Throws a Status when it cannot be converted. */
  convert(value: Versioned, apiVersion: string): unknown;
  /** The fields of a version that no write comes to own. */
  ignored(apiVersion: string): FieldSet;
  /** Whether a type may have become another one since a manager wrote: that of a custom resource may. */
  readonly mayChange?: boolean;
}

/** A field that belongs to another manager. */
export interface Conflict {
  readonly manager: string;
  readonly path: readonly PathElement[];
}

export class Conflicts extends Error {
  override readonly name = 'Conflicts';
  readonly conflicts: readonly Conflict[];

  constructor(conflicts: readonly Conflict[]) {
    super('the fields belong to other managers');
    this.conflicts = conflicts;
  }
}

/** Who owns what once an object was changed. What the writer changed is its own. */
export function updated(
  live: Versioned,
  next: Versioned,
  { manager, owners, versions, compared }: { manager: string; owners: Owners; versions: Versions; compared?: Comparison | undefined },
): Map<string, Owned> {
  const { apiVersion } = next;
  const before = reconciledOwners(owners, versions);
  const taken = takeOver({ live, next, owners: before, manager, versions, force: true, compared });
  const { comparison } = taken;
  const had = taken.owners.get(manager)?.set ?? FieldSet.empty;
  const set = differenceBelow(union(difference(had, comparison.removed), changed(comparison)), versions.ignored(apiVersion));
  if (set.isEmpty) taken.owners.delete(manager);
  else taken.owners.set(manager, { set, apiVersion, isApplied: false });
  return taken.owners;
}

export interface Applied {
  /** The object as it is to be; undefined when that is what it is. */
  readonly value: unknown;
  readonly owners: Map<string, Owned>;
}

/**
 * Lays a configuration over an object, takes off what its manager applied before and does not any more, and says who owns what then. Throws `Conflicts` when it changes what belongs to
 * others, unless it is forced.
 */
export function applied(
  live: Versioned,
  config: Versioned,
  { manager, owners, versions, force }: { manager: string; owners: Owners; versions: Versions; force: boolean },
): Applied {
  const { apiVersion } = config;
  const type = versions.typeOf(apiVersion)!;
  const all = reconciledOwners(owners, versions);
  const merged: Versioned = { value: merge(live.value, config.value, type), apiVersion };
  const last = all.get(manager);
  all.set(manager, { set: differenceBelow(fieldSetOf(config.value, type), versions.ignored(apiVersion)), apiVersion, isApplied: true });
  const next = pruned(merged, { manager, owners: all, last, versions });
  const { owners: after } = takeOver({ live, next, owners: all, manager, versions, force });
  return { value: same(live.value, next.value) ? undefined : next.value, owners: after };
}

/** What others own of what changes is theirs no more. */
function takeOver({ live, next, owners, manager, versions, force, compared }: TakingOver): { owners: Map<string, Owned>; comparison: Comparison } {
  const type = versions.typeOf(next.apiVersion)!;
  const comparison = without(compared ?? compare(live.value, next.value, type), versions.ignored(next.apiVersion));
  const comparisons = new Map([[next.apiVersion, comparison]]);
  const after = new Map(owners);
  const conflicts = new Map<string, FieldSet>();
  for (const [other, { set, apiVersion, isApplied }] of owners) {
    if (other === manager) continue;
    let inVersion = comparisons.get(apiVersion);
    if (!inVersion) {
      const ofVersion = versions.typeOf(apiVersion);
      if (!ofVersion) {
        after.delete(other);
        continue;
      }
      const was = converted(live, apiVersion, versions, 'failed to convert old object');
      const is = converted(next, apiVersion, versions, 'failed to convert new object');
      // Versions that have the same shape differ by their names.
      const isSame = ofVersion === type && was === live.value && is === next.value && versions.ignored(apiVersion) === versions.ignored(next.apiVersion);
      inVersion = isSame ? comparison : without(compare(was, is, ofVersion), versions.ignored(apiVersion));
      comparisons.set(apiVersion, inVersion);
    }
    const conflict = intersection(set, changed(inVersion));
    if (!conflict.isEmpty) conflicts.set(other, conflict);
    const left = difference(difference(set, conflict), inVersion.removed);
    if (left !== set) after.set(other, { set: left, apiVersion, isApplied });
  }
  if (!force && conflicts.size > 0) throw new Conflicts([...conflicts].flatMap(([other, set]) => [...set.paths()].map((path) => ({ manager: other, path }))));
  for (const [name, { set }] of after) if (set.isEmpty) after.delete(name);
  return { owners: after, comparison };
}

interface TakingOver {
  readonly live: Versioned;
  readonly next: Versioned;
  readonly owners: Owners;
  readonly manager: string;
  readonly versions: Versions;
  readonly force: boolean;
  /** What changed, where that is known. */
  readonly compared?: Comparison | undefined;
}

interface Pruning {
  readonly manager: string;
  readonly owners: Owners;
  /** What the manager applied before. */
  readonly last: Owned | undefined;
  readonly versions: Versions;
}

/** Without what the manager applied before and does not apply now, and what no other manager owns. */
function pruned(merged: Versioned, { manager, owners, last, versions }: Pruning): Versioned {
  if (!last || last.set.isEmpty) return merged;
  const type = versions.typeOf(last.apiVersion);
  if (!type) return merged;
  // All that was applied before is applied still.
  const now = owners.get(manager)!;
  if (now.apiVersion === last.apiVersion && difference(last.set, now.set).isEmpty) return merged;
  const failed = 'failed to prune fields: failed to convert merged object to last applied version';
  const before: Versioned = { value: converted(merged, last.apiVersion, versions, failed), apiVersion: last.apiVersion };
  const cut: Versioned = { value: remove(before.value, withNamedFields(last.set, type), type), apiVersion: last.apiVersion };
  const owned = withOwned(before, cut, { owners, versions });
  const whole = withDangling(before, owned, { last, type, versions });
  const { apiVersion } = owners.get(manager)!;
  return { value: converted(whole, apiVersion, versions, 'failed to prune fields'), apiVersion };
}

/** What was cut off and belongs to others, or still to the manager, is put back: by version, that of the cut first. */
function withOwned(merged: Versioned, cut: Versioned, { owners, versions }: Pick<Pruning, 'owners' | 'versions'>): Versioned {
  const byVersion = new Map<string, FieldSet>([[cut.apiVersion, FieldSet.empty]]);
  for (const { apiVersion, set } of owners.values()) byVersion.set(apiVersion, union(byVersion.get(apiVersion) ?? FieldSet.empty, set));
  let [whole, left] = [merged, cut];
  for (const [apiVersion, managed] of byVersion) {
    const type = versions.typeOf(apiVersion);
    if (!type) continue;
    const failed = (which: string) => `failed to prune fields: failed add back owned items: failed to convert ${which} object at version ${apiVersion}`;
    whole = { value: converted(whole, apiVersion, versions, failed('merged')), apiVersion };
    left = { value: converted(left, apiVersion, versions, failed('pruned')), apiVersion };
    const named = (set: FieldSet) => withNamedFields(set, type);
    const gone = difference(named(fieldSetOf(whole.value, type)), union(named(fieldSetOf(left.value, type)), named(managed)));
    left = { value: remove(whole.value, gone, type), apiVersion };
  }
  return left;
}

/** What was cut off and was not the manager's is put back. */
function withDangling(merged: Versioned, cut: Versioned, { last, type, versions }: { last: Owned; type: MergeType; versions: Versions }): Versioned {
  const { apiVersion } = last;
  const failed = 'failed to prune fields: failed add back dangling items: failed to convert pruned object to last applied version';
  const left = withNamedFields(fieldSetOf(converted(cut, apiVersion, versions, failed), type), type);
  const all = withNamedFields(fieldSetOf(merged.value, type), type);
  return { value: remove(merged.value, intersection(difference(all, left), withNamedFields(last.set, type)), type), apiVersion };
}

/** In another version. A webhook that does not convert it is told of in Kubernetes' words. */
function converted(value: Versioned, apiVersion: string, versions: Versions, failed: string): unknown {
  try {
    return versions.convert(value, apiVersion);
  } catch (error) {
    if (error instanceof StatusError) throw new StatusError({ ...error.status, message: `${failed}: ${error.message}` });
    throw error;
  }
}

/** Who owns what by the types as they are now. Managers of a version that there is no more are dropped. */
function reconciledOwners(owners: Owners, versions: Versions): Map<string, Owned> {
  const out = new Map<string, Owned>();
  for (const [manager, owned] of owners) {
    const type = versions.typeOf(owned.apiVersion);
    if (!type) continue;
    const set = versions.mayChange ? reconciled(owned.set, type) : owned.set;
    out.set(manager, set === owned.set ? owned : { ...owned, set });
  }
  return out;
}
