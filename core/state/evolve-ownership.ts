import type { ClusterInstant } from '../instant.ts';
import type { KubeObject } from '../kube/object.ts';
import type { LogEvent } from '../log/event.ts';
import type { Comparison } from '../managed-fields/comparison.ts';
import { Given } from '../managed-fields/given.ts';
import { ListElementError } from '../managed-fields/list-elements.ts';
import { ownershipIn } from '../managed-fields/ownership.ts';
import { entriesOf, type Ownership, ownershipOf } from '../managed-fields/shapes.ts';
import { storedVersions } from '../managed-fields/stored-versions.ts';
import { type Entries, trackApplied, trackUpdate } from '../managed-fields/tracking.ts';

/**
 * Who owns the fields of an object after an event: its writer comes to own what the event changed, and the others lose that (docs/decisions/0021-field-management.md). Where
 * Kubernetes' answer is another one, the event says so.
 */
export function evolveOwnership(previous: KubeObject | undefined, object: KubeObject, event: LogEvent, time: ClusterInstant): Ownership | undefined {
  const before = previous && ownershipIn(previous);
  const { manager, managedFields } = event;
  if (managedFields) return ownershipOf(managedFields);
  if (!manager) return before;
  const known = Decided.of(event);
  const now = Math.floor(time / 1000);
  if (known && known.previous === previous && known.now === now) return known.ownership;
  const was = entriesOf(before);
  const is = derivedEntries(was, { previous, object, event, now });
  return is === was ? before : ownershipOf(is);
}

/** What follows from an event without `managedFields`. */
export function derivedEntries(entries: Entries, { previous, object, event, now, compared }: Derivation): Entries {
  const { name, apiVersion = object.apiVersion, subresource } = event.manager!;
  const by = { manager: name, apiVersion, subresource };
  const write = { live: previous ?? {}, next: object, entries, by, versions: storedVersions(object, subresource), now, compared };
  try {
    if (event.applied) return trackApplied({ ...write, applied: event.applied, changes: !('patch' in event) || Object.keys(event.patch).length > 0 });
    return trackUpdate({ ...write, creates: !previous, unowned: event.unowned });
  } catch (error) {
    // Kubernetes gives up what cannot be told.
    if (error instanceof ListElementError) return [];
    throw error;
  }
}

interface Derivation {
  readonly previous: KubeObject | undefined;
  readonly object: KubeObject;
  readonly event: LogEvent;
  /** In seconds since the epoch. */
  readonly now: number;
  /** What the event changes, where that is known. */
  readonly compared?: Comparison | undefined;
}

/** What was derived of an event when it was decided, for when it is folded. */
interface Derived {
  readonly previous: KubeObject | undefined;
  readonly now: number;
  readonly ownership: Ownership | undefined;
}

export function noteDerived(event: LogEvent, derived: Derived): void {
  new Decided(event, derived);
}

/** What is derived of an event stands in a private field of it: copies do not have it, and it goes with the event. */
class Decided extends Given {
  readonly #derived: Derived;

  constructor(event: LogEvent, derived: Derived) {
    super(event);
    this.#derived = derived;
  }

  static of(event: LogEvent): Derived | undefined {
    return #derived in event ? event.#derived : undefined;
  }
}
