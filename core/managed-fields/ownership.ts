import type { KubeObject } from '../kube/object.ts';
import { Given } from './given.ts';
import type { ManagedEntry, ServedEntry } from './managed-entry.ts';
import { servedEntry } from './managed-entry.ts';
import { entriesOf, type Ownership } from './shapes.ts';

/**
 * Who owns the fields of an object of a state. It is not one of the object's own fields, which are what was written; a copy of the object does not have it.
 */
export const ownershipIn = (object: KubeObject): Ownership | undefined => Owned.of(object);

/** An object of which it is said who owns its fields: the one that is given, unless that is said of it already. */
export function own<T extends KubeObject>(object: T, ownership: Ownership | undefined): T {
  if (ownershipIn(object) === ownership) return object;
  const unowned = ownershipIn(object) ? { ...object } : object;
  if (ownership) new Owned(unowned, ownership);
  return unowned;
}

export const entriesIn = (object: KubeObject | undefined): readonly ManagedEntry[] => (object ? entriesOf(ownershipIn(object)) : []);

/** What `metadata.managedFields` is of an object of a state; undefined: nothing. */
export function managedFieldsOf(object: KubeObject): readonly ServedEntry[] | undefined {
  const ownership = ownershipIn(object);
  return ownership && entriesOf(ownership).map(servedEntry);
}

/** A private field takes a fourth of the time of a property that is not seen, and no map beside the objects. */
class Owned extends Given {
  readonly #ownership: Ownership;

  constructor(object: object, ownership: Ownership) {
    super(object);
    this.#ownership = ownership;
  }

  static of(object: object): Ownership | undefined {
    return #ownership in object ? object.#ownership : undefined;
  }
}
