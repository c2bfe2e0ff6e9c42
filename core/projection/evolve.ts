import type { LogEvent, Offset } from '../log/log.ts';
import { applyPatch, sharing } from '../log/patch.ts';
import type { KubeObject } from '../object.ts';

/**
 * What an object is after an event: the only thing that changes state, for readers and writers alike. Its resourceVersion becomes the
 * event's offset. A deleted object keeps its last state. Unchanged parts are shared with `previous`.
 *
 * Throws when the log contradicts itself (an object is added twice, or changed while absent): the log is broken and nothing may build on it.
 */
export function evolve(previous: KubeObject | undefined, event: LogEvent, offset: Offset): KubeObject {
  if ((event.type === 'ADDED') !== (previous === undefined)) {
    throw new Error(`offset ${offset}: ${event.type} of ${event.key}, which ${previous ? 'exists already' : 'does not exist'}`);
  }
  const next =
    event.type === 'DELETED'
      ? previous!
      : 'patch' in event
        ? (applyPatch(previous!, event.patch) as KubeObject)
        : previous
          ? sharing(previous, event.object)
          : event.object;
  return { ...next, metadata: { ...next.metadata, resourceVersion: String(offset) } };
}
