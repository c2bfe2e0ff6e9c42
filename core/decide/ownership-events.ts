import type { KubeObject } from '../kube/object.ts';
import type { LogEvent } from '../log/event.ts';
import { type Comparison, compare } from '../managed-fields/comparison.ts';
import { FieldSet } from '../managed-fields/field-set.ts';
import { remembered } from '../managed-fields/kept-once.ts';
import { ListElementError } from '../managed-fields/list-elements.ts';
import { headOf, sameEntries } from '../managed-fields/managed-entry.ts';
import { entriesIn, ownershipIn } from '../managed-fields/ownership.ts';
import type { PathElement } from '../managed-fields/path-element.ts';
import { type Ownership, ownershipOf } from '../managed-fields/shapes.ts';
import { storedVersions } from '../managed-fields/stored-versions.ts';
import type { Entries } from '../managed-fields/tracking.ts';
import { derivedEntries, noteDerived } from '../state/evolve-ownership.ts';
import type { Draft } from './draft.ts';
import { ownersOfSent } from './field-tracking.ts';

/**
 * An event with what `evolve` needs to come to the owners that were decided. Mostly that is the manager: what was changed is its. Where admission or the strategy added something,
 * it is that, and where nothing of this leads there, the owners themselves.
 */
export function withOwnership<E extends LogEvent>(event: E, { object, old, draft }: { object: KubeObject; old: KubeObject | undefined; draft: Any }): Owned<E> {
  const { manager, applied } = draft;
  if (!manager) return { event, ownership: old && ownershipIn(old) };
  const now = Math.floor(draft.now / 1000);
  const entries = entriesIn(old);
  const compared = comparedOf(object, old, manager.subresource);
  const derived = (of: LogEvent): Entries => (compared ? derivedEntries(entries, { previous: old, object, event: of, now, compared }) : []);
  const written: E = { ...event, manager, ...(applied && { applied }) };
  const found = derived(written);
  const wanted = ownersOfSent(draft) ?? found;
  if (sameEntries(found, wanted)) return noted(written, { previous: old, now, entries: found, before: entries });
  const unowned = applied ? undefined : tooMuch(found, wanted, draft, object);
  if (unowned) {
    const less = { ...written, unowned };
    const fewer = derived(less);
    if (sameEntries(fewer, wanted)) return noted(less, { previous: old, now, entries: fewer, before: entries });
  }
  const { applied: _, ...others } = written;
  return { event: { ...others, managedFields: wanted } as E, ownership: ownershipOf(wanted) };
}

/** An event, and what `evolve` comes to by it. */
interface Owned<E> {
  readonly event: E;
  readonly ownership: Ownership | undefined;
}

/** Undefined: an element of a list cannot be told. */
function comparedOf(object: KubeObject, old: KubeObject | undefined, subresource: string | undefined): Comparison | undefined {
  try {
    return compare(old ?? {}, object, storedVersions(object, subresource).typeOf(object.apiVersion)!);
  } catch (error) {
    if (error instanceof ListElementError) return undefined;
    throw error;
  }
}

type Any = Draft<KubeObject | undefined>;

interface Found {
  readonly previous: KubeObject | undefined;
  readonly now: number;
  readonly entries: Entries;
  readonly before: Entries;
}

function noted<E extends LogEvent>(event: E, { previous, now, entries, before }: Found): Owned<E> {
  const ownership = entries === before ? previous && ownershipIn(previous) : ownershipOf(entries);
  noteDerived(event, { previous, now, ownership });
  return { event, ownership };
}

/** What the writer would come to own that is not its; undefined: that is not what is wrong. */
function tooMuch(found: Entries, wanted: Entries, { manager }: Any, object: KubeObject): FieldSet | undefined {
  const { name, apiVersion = object.apiVersion, subresource } = manager!;
  const { identity } = headOf({ manager: name, operation: 'Update', apiVersion, subresource });
  const setIn = (entries: Entries) => entries.find(({ head }) => head.identity === identity)?.set;
  const has = setIn(found);
  return has && beyondOf(has, setIn(wanted) ?? FieldSet.empty);
}

/** The topmost fields at and below which one set has something and the other one nothing. */
function beyond(has: FieldSet, owns: FieldSet): FieldSet {
  if (has === owns) return FieldSet.empty;
  const entries: [PathElement, FieldSet][] = [];
  has.elements.forEach((element, i) => {
    const owned = owns.at(element);
    const inner = owned ? beyondOf(has.children[i]!, owned) : FieldSet.leaf;
    if (!inner.isEmpty) entries.push([element, inner]);
  });
  return FieldSet.from(false, entries);
}

const beyondOf = remembered(beyond);
