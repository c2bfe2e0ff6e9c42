import type { ClusterInstant } from '../instant.ts';
import { applyPatch } from '../kube/merge-patch.ts';
import type { Key, KubeObject } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { LogEvent, Offset } from '../log/event.ts';
import { sharing } from '../log/patch.ts';
import { own, ownershipIn } from '../managed-fields/ownership.ts';
import type { Change, Stamp } from './change.ts';
import { evolveOwnership } from './evolve-ownership.ts';
import type { State } from './state.ts';

export interface Evolved {
  readonly state: State;
  readonly changes: readonly Change[];
}

/**
 * The state after the next events, and what each of them changed: the only way in which state comes about, for readers and writers alike. The state
 * that is given stays as it is.
 *
 * Throws when the log contradicts itself (an object is added twice, or changed while absent): the log is broken and nothing may build on it. What was added over something
 * unread throws when that is read.
 */
export function evolve(state: State, events: readonly LogEvent[], at: Stamp): Evolved {
  const edit = state.edit();
  const changes = events.map((event, i) => {
    // What is added is not there, as the log says: what a snapshot brought unread is not read for that.
    const previous = event.type === 'ADDED' ? edit.inMemoryAt(event.key) : edit.at(event.key);
    const object = evolveObject(previous, event, { offset: state.offset + 1 + i, time: at.time });
    edit.put(event.key, event.type === 'DELETED' ? undefined : object, previous);
    return changeOf(event, { object, previous, time: at.time });
  });
  return { state: edit.done(changes, at), changes };
}

/** The state after changes that were evolved before, from this state on. */
export function withChanges(state: State, changes: readonly Change[]): State {
  const edit = state.edit();
  for (const { key, type, object, previous } of changes) edit.put(key, type === 'DELETED' ? undefined : object, previous);
  return edit.done(changes, { time: changes.at(-1)?.time ?? state.time });
}

/** A what-if: the state in which an object stands at a key (or none), whatever stood there, as one more event would leave it. */
export function assume(state: State, key: Key, object: KubeObject | undefined): State {
  const edit = state.edit();
  const previous = edit.at(key);
  if (!object && !previous) return state;
  edit.put(key, object, previous);
  const type = !object ? 'DELETED' : previous ? 'MODIFIED' : 'ADDED';
  const change: Change = {
    offset: state.offset + 1,
    type,
    key,
    object: object ?? previous!,
    ...(previous && { previous }),
    actor: userNamed(''),
    time: state.time,
  };
  return edit.done([change], state);
}

/** What an object is after an event. Its resourceVersion becomes the event's offset; a deleted object keeps its last state. Unchanged parts are shared. */
function evolveObject(previous: KubeObject | undefined, event: LogEvent, { offset, time }: { offset: Offset; time: ClusterInstant }): KubeObject {
  if ((event.type === 'ADDED') !== (previous === undefined)) {
    throw new Error(`offset ${offset}: ${event.type} of ${event.key}, which ${previous ? 'exists already' : 'does not exist'}`);
  }
  const next = after(previous, event);
  const object = { ...next, metadata: { ...next.metadata, resourceVersion: String(offset) } };
  return own(object, event.type === 'DELETED' ? ownershipIn(previous!) : evolveOwnership(previous, object, event, time));
}

function after(previous: KubeObject | undefined, event: LogEvent): KubeObject {
  if (event.type === 'DELETED') return previous!;
  if ('patch' in event) return applyPatch(previous!, event.patch);
  return previous ? sharing(previous, event.object) : event.object;
}

function changeOf(event: LogEvent, { object, previous, time }: { object: KubeObject; previous: KubeObject | undefined; time: ClusterInstant }): Change {
  return {
    offset: Number(object.metadata.resourceVersion),
    type: event.type,
    key: event.key,
    object,
    ...(previous && { previous }),
    actor: event.actor,
    ...(event.cause !== undefined && { cause: event.cause }),
    ...(event.manager && { manager: event.manager }),
    time,
  };
}
