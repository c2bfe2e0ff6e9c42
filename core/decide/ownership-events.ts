import type { KubeObject } from '../kube/object.ts';
import type { LogEvent } from '../log/event.ts';
import { FieldSet } from '../managed-fields/field-set.ts';
import { headOf, type ManagedEntry, sameEntries } from '../managed-fields/managed-entry.ts';
import { entriesIn } from '../managed-fields/ownership.ts';
import type { PathElement } from '../managed-fields/path-element.ts';
import { ownershipOf } from '../managed-fields/shapes.ts';
import { derivedEntries, noteDerived } from '../state/evolve-ownership.ts';
import type { Draft } from './draft.ts';

/**
 * An event with what `evolve` needs to come to the owners that were decided. Mostly that is the manager: what was changed is its. Where admission or the strategy added something,
 * it is that, and where nothing of this leads there, the owners themselves.
 */
export function withOwnership<E extends LogEvent>(event: E, { object, old, draft }: { object: KubeObject; old: KubeObject | undefined; draft: Any }): E {
  const { manager, applied, managedFields: wanted } = draft;
  if (!manager || !wanted) return event;
  const now = Math.floor(draft.now / 1000);
  const entries = entriesIn(old);
  const derived = (of: LogEvent) => derivedEntries(entries, { previous: old, object, event: of, now });
  const written: E = { ...event, manager, ...(applied && { applied }) };
  const found = derived(written);
  if (sameEntries(found, wanted)) return noted(written, { previous: old, now, entries: found });
  const unowned = applied ? undefined : tooMuch(found, wanted, draft, object);
  if (unowned) {
    const less = { ...written, unowned };
    const fewer = derived(less);
    if (sameEntries(fewer, wanted)) return noted(less, { previous: old, now, entries: fewer });
  }
  const { applied: _, ...others } = written;
  return { ...others, managedFields: wanted } as E;
}

type Any = Draft<KubeObject | undefined>;

function noted<E extends LogEvent>(
  event: E,
  { previous, now, entries }: { previous: KubeObject | undefined; now: number; entries: readonly ManagedEntry[] },
): E {
  noteDerived(event, { previous, now, ownership: ownershipOf(entries) });
  return event;
}

/** What the writer would come to own that is not its; undefined: that is not what is wrong. */
function tooMuch(found: readonly ManagedEntry[], wanted: readonly ManagedEntry[], { manager }: Any, object: KubeObject): FieldSet | undefined {
  const { name, apiVersion = object.apiVersion, subresource } = manager!;
  const { identity } = headOf({ manager: name, operation: 'Update', apiVersion, subresource });
  const setIn = (entries: readonly ManagedEntry[]) => entries.find(({ head }) => head.identity === identity)?.set;
  const has = setIn(found);
  return has && beyond(has, setIn(wanted) ?? FieldSet.empty);
}

/** The topmost fields at and below which one set has something and the other one nothing. */
function beyond(has: FieldSet, owns: FieldSet): FieldSet {
  const entries: [PathElement, FieldSet][] = [];
  has.elements.forEach((element, i) => {
    const owned = owns.at(element);
    const inner = owned ? beyond(has.children[i]!, owned) : FieldSet.leaf;
    if (!inner.isEmpty) entries.push([element, inner]);
  });
  return FieldSet.from(false, entries);
}
