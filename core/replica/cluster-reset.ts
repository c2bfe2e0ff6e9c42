import { fieldsOf, objectOf } from '../kube/fields.ts';
import { type GroupResource, type Key, type KubeObject, keyOf } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { LogEvent, Offset } from '../log/event.ts';
import { type LogEntry, lastOffset } from '../log/log.ts';
import { RESET_KEY } from '../log/reset-entry.ts';
import { evolve } from '../state/evolve.ts';
import type { State } from '../state/state.ts';

/**
 * A reset: an entry that begins with the event of an object that no API serves, which says `to` which offset. From there on the state is what it was right after that one, with what
 * else the entry says: offsets go on, and what was before stays where it was (docs/decisions/0032-forks-and-resets.md).
 */
export interface Reset {
  readonly at: Offset;
  readonly to: Offset;
}

/** The offset that an entry resets to; undefined: it does not. */
export function resetIn({ events }: Pick<LogEntry, 'events'>): Offset | undefined {
  const [first] = events;
  return first?.key === RESET_KEY && 'object' in first ? resetsOf(first.object).at(-1)?.to : undefined;
}

/** The resets of a cluster, oldest first: the newest `MAX_KNOWN` of them. */
export function resetsIn(state: State): readonly Reset[] {
  const object = state.get('clusterresets', undefined, 'cluster');
  return object ? resetsOf(object) : [];
}

/** Older ones are not known any more. */
export const MAX_KNOWN = 500;

/** The state after a reset, from the one that it goes back to. */
export function afterReset(target: State, entry: Pick<LogEntry, 'offset' | 'events' | 'time' | 'aheadMinutes'>): State {
  return evolve(target.movedTo(entry.offset - 1), entry.events, entry).state;
}

/** The same up to an event of the entry: the state that it goes back to counts from the reset itself on. */
export function duringReset(target: State, entry: LogEntry, upTo: Offset): State {
  const events = entry.events.slice(0, Math.min(upTo, lastOffset(entry)) + 1 - entry.offset);
  return afterReset(target, { ...entry, events });
}

/**
 * The events of a reset that is to follow a state. What is true of the cluster whatever its objects are does not go back: its clock, on which time would stand still until it has come
 * so far again, what else is set of it, and the names of its offsets.
 */
export function resetEvents(state: State, target: State): LogEvent[] {
  const reset: Reset = { at: state.offset + 1, to: target.offset };
  const resets = [...resetsIn(state), reset].slice(-MAX_KNOWN);
  const object = objectOf({ apiVersion: 'v1', kind: 'ClusterReset', metadata: { name: 'cluster' }, spec: { resets } });
  const actor = userNamed('system:apiserver');
  const write = (key: Key, object: KubeObject, isThere: boolean): LogEvent =>
    isThere ? { type: 'MODIFIED', key, object, actor } : { type: 'ADDED', key, object, actor };
  const events = [write(RESET_KEY, object, resetsIn(target).length > 0)];
  for (const resource of KEPT) {
    for (const object of state.list(resource)) {
      const { namespace, name, resourceVersion } = object.metadata;
      const there = target.get(resource, namespace, name);
      if (there?.metadata.resourceVersion !== resourceVersion) events.push(write(keyOf(resource, namespace, name), object, there !== undefined));
    }
    for (const { metadata } of target.list(resource)) {
      if (!state.get(resource, metadata.namespace, metadata.name))
        events.push({ type: 'DELETED', key: keyOf(resource, metadata.namespace, metadata.name), actor });
    }
  }
  return events;
}

const KEPT: readonly GroupResource[] = ['clusterclocks', 'clustersettings', 'bookmarks.logplane.dev'];

const resetsOf = (object: KubeObject): readonly Reset[] => (fieldsOf(object)['spec'] as { resets: readonly Reset[] }).resets;
