import { type Comparison, changed, compare } from './comparison.ts';
import { FieldSet } from './field-set.ts';
import { kept } from './kept-once.ts';
import { type Head, type HeadOf, headOf, inOrder, type ManagedEntry } from './managed-entry.ts';
import { fieldElement } from './path-element.ts';
import { difference, differenceBelow, union } from './set-operations.ts';
import { applied, type Owned, updated, type Versions } from './updater.ts';

/**
 * What a write makes of an object's managed fields: apimachinery's chain of managers around structured-merge-diff (pkg/util/managedfields/internal). Entries come in
 * and go out in the order in which they are served.
 */

export type Entries = readonly ManagedEntry[];

/** A write of an object, in the version of its request. */
export interface Tracked {
  /** As it is; the smallest object of its kind when it is created. */
  readonly live: unknown;
  readonly entries: Entries;
  readonly by: Omit<HeadOf, 'operation'>;
  readonly versions: Versions;
  /** In seconds since the epoch. */
  readonly now: number;
  /** What changed from what is there to what is to be, where that is known. */
  readonly compared?: Comparison | undefined;
}

/** After a creation, an update or a patch. What has no managers keeps having none. */
export function trackUpdate(write: Tracked & { readonly next: unknown; readonly creates: boolean; readonly unowned?: FieldSet | undefined }): Entries {
  if (write.entries.length === 0 && !write.creates) return write.entries;
  return capped(takeUpdate(write));
}

function takeUpdate({
  live,
  next,
  entries,
  by,
  versions,
  now,
  compared,
  unowned = FieldSet.empty,
}: Tracked & { next: unknown; unowned?: FieldSet | undefined }): Entries {
  const { apiVersion } = by;
  if (entries.length === 0) {
    // What is created has no other owners.
    const own = differenceBelow(trackedOf(changed(compared ?? compare(live, next, versions.typeOf(apiVersion)!)), versions.ignored(apiVersion)), unowned);
    return own.isEmpty ? [] : [{ head: headOf({ ...by, operation: 'Update' }), time: now, set: own }];
  }
  const owners = updated({ value: live, apiVersion }, { value: next, apiVersion }, { manager: SELF, owners: ownersOf(entries), versions, compared });
  const taken = owners.get(SELF)?.set ?? FieldSet.empty;
  owners.delete(SELF);
  const own = differenceBelow(difference(taken, untracked), unowned);
  if (own.isEmpty) return entriesOf(owners, entries);
  const head = headOf({ ...by, operation: 'Update' });
  const before = owners.get(head.identity);
  owners.set(head.identity, { set: before ? union(own, before.set) : own, apiVersion, isApplied: false });
  return entriesOf(owners, entries, { head, time: by.subresource === SCALE ? undefined : now });
}

export interface Applying extends Tracked {
  readonly config: unknown;
  readonly force: boolean;
}

export interface TrackedApply {
  /** The object as it is to be; undefined when that is what it is. */
  readonly value: unknown;
  readonly entries: Entries;
}

/**
 * After an apply. What is there and has no managers belongs to `before-first-apply`. `empty`: the smallest object of the kind.
 * Throws `Conflicts`, whose managers are identities.
 */
export function trackApply(write: Applying & { readonly empty: unknown }): TrackedApply {
  const { live, empty, entries, by, versions } = write;
  const before: Entries =
    entries.length > 0 ? entries : trackUpdate({ ...write, live: empty, next: live, by: { ...by, manager: BEFORE_FIRST_APPLY }, creates: true });
  const { apiVersion } = by;
  const head = headOf({ ...by, operation: 'Apply' });
  const config = { value: write.config, apiVersion };
  const { value, owners } = applied({ value: live, apiVersion }, config, {
    manager: head.identity,
    owners: ownersOf(before),
    versions,
    force: write.force,
  });
  const own = difference(owners.get(head.identity)?.set ?? FieldSet.empty, untracked);
  if (own.isEmpty) owners.delete(head.identity);
  else owners.set(head.identity, { set: own, apiVersion, isApplied: true });
  // What changes nothing is no reason for another time; what was never there has none.
  const time = value === undefined ? before.find((entry) => entry.head.identity === head.identity)?.time : write.now;
  return { value, entries: entriesOf(owners, before, { head, time }) };
}

/** After an apply whose outcome is known: others own no more of what changed, and the applied fields are the manager's. */
export function trackApplied(write: Tracked & { readonly next: unknown; readonly applied: FieldSet; readonly changes: boolean }): Entries {
  const { live, next, entries, by, versions, now, changes, compared } = write;
  const { apiVersion } = by;
  const head = headOf({ ...by, operation: 'Apply' });
  const others = entries.filter((entry) => entry.head.identity !== head.identity);
  const owners = updated({ value: live, apiVersion }, { value: next, apiVersion }, { manager: SELF, owners: ownersOf(others), versions, compared });
  owners.delete(SELF);
  if (!write.applied.isEmpty) owners.set(head.identity, { set: write.applied, apiVersion, isApplied: true });
  const time = changes ? now : entries.find((entry) => entry.head.identity === head.identity)?.time;
  return entriesOf(owners, entries, { head, time });
}

/** What comes of it gets no time in Kubernetes (scalehandler.go, ToParent). */
const SCALE = 'scale';

/** The writer, until it is known what came of its write. */
const SELF = 'current-operation';

export const BEFORE_FIRST_APPLY = 'before-first-apply';

const fields = (...names: string[]) => names.map(fieldElement);

const untrackedMetadata: readonly string[] = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
];

export const isUntrackedMetadata = (name: string): boolean => untrackedMetadata.includes(name);

/** Fields without owners (stripmeta.go). */
const untracked = kept(FieldSet.of(fields('apiVersion'), fields('kind'), fields('metadata'), ...untrackedMetadata.map((name) => fields('metadata', name))));

const trackedOf = (fields: FieldSet, ignored: FieldSet): FieldSet => differenceBelow(difference(fields, untracked), ignored);

const ownersOf = (entries: Entries): Map<string, Owned> =>
  new Map(entries.map(({ head, set }) => [head.identity, { set, apiVersion: head.apiVersion, isApplied: head.operation === 'Apply' }]));

/** The entries of owners, with the times that they had, but for the one that was written. */
function entriesOf(owners: ReadonlyMap<string, Owned>, before: Entries, written?: { head: Head; time: number | undefined }): Entries {
  const known = new Map(before.map((entry) => [entry.head.identity, entry]));
  const out: ManagedEntry[] = [];
  for (const [identity, { set }] of owners) {
    const was = known.get(identity);
    if (written?.head.identity === identity) out.push({ ...written, set });
    else if (was) out.push(was.set === set ? was : { ...was, set });
  }
  return inOrder(out);
}

/** The most managers that updated an object (fieldmanager.go, DefaultMaxUpdateManagers). */
const MOST_UPDATERS = 10;
const ANCIENT = 'ancient-changes';

/** The oldest of too many updaters become one (capmanagers.go), for each version of the object. */
function capped(entries: Entries): Entries {
  if (entries.length <= MOST_UPDATERS) return entries;
  const updaters = entries.filter(({ head }) => head.operation === 'Update');
  if (updaters.length <= MOST_UPDATERS) return entries;
  updaters.sort((a, b) => (a.time ?? 0) - (b.time ?? 0) || (a.head.identity < b.head.identity ? -1 : 1));
  const left = new Map(entries.map((entry) => [entry.head.identity, entry]));
  const firsts = new Map<string, string>();
  let count = updaters.length;
  for (const { head, time, set } of updaters) {
    if (count <= MOST_UPDATERS) break;
    const first = firsts.get(head.apiVersion);
    if (first === undefined) {
      firsts.set(head.apiVersion, head.identity);
      continue;
    }
    const bucket = headOf({ manager: ANCIENT, operation: 'Update', apiVersion: head.apiVersion });
    let ancient = left.get(bucket.identity);
    if (!ancient) {
      ancient = { ...left.get(first)!, head: bucket };
      left.delete(first);
    }
    left.delete(head.identity);
    left.set(bucket.identity, { head: bucket, time, set: union(set, ancient.set) });
    count--;
  }
  return inOrder([...left.values()]);
}
