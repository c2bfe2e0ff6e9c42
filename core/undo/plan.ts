import type { Fields } from '../kube/fields.ts';
import type { Key, KubeObject } from '../kube/object.ts';
import type { Offset } from '../log/event.ts';

/** What is to become of objects, and what stands in the way. */
export interface Plan {
  /** Up to which it was looked at what was changed. */
  readonly offset: Offset;
  /** In the order in which they are made. */
  readonly changes: readonly ObjectChange[];
  readonly skipped: readonly Skipped[];
  /** What belongs to others, or was changed by others since: not to be touched unless that is forced. */
  readonly conflicts: readonly Conflict[];
}

export type ObjectChange = Creation | Update | Deletion;

interface Creation {
  readonly operation: 'Create';
  readonly key: Key;
  /** As it is to be, once more. */
  readonly object: KubeObject;
}

interface Update {
  readonly operation: 'Update';
  readonly key: Key;
  readonly object: KubeObject;
  readonly content: Fields;
  /** The paths of what differs: `.spec.replicas`. */
  readonly fields: readonly string[];
}

interface Deletion {
  readonly operation: 'Delete';
  readonly key: Key;
  readonly object: KubeObject;
}

export interface Skipped {
  readonly key: Key;
  readonly reason: string;
}

export interface Conflict {
  readonly key: Key;
  readonly why: string;
  /** The path of a field; none: the object. */
  readonly field?: string;
  /** What cannot be had, forced or not. */
  readonly isFinal?: true;
}
