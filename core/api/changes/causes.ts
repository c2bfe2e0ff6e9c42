import { apisOf } from '../../apis/apis.ts';
import { type Cause, nameOfChanged } from '../../apis/logplane/change.ts';
import { apiVersionOf } from '../../kube/group-version-kind.ts';
import { microTimestamp, parseKey } from '../../kube/object.ts';
import type { Offset } from '../../log/event.ts';
import type { State } from '../../state/state.ts';
import type { ReadCall } from '../call.ts';
import { eventAt } from './heads.ts';
import type { ChangeReader } from './reader.ts';
import { changedObject } from './shown-change.ts';
import { whatOfEvent } from './what.ts';

/**
 * What a change answers to, and what that answers to, down to the request that began it. Each is one read of the log. Of those that the reader may not read, and of what the log has
 * forgotten, there is the offset alone; with the latter it ends.
 */
export async function causesOf(
  first: Offset | undefined,
  { replica, state }: Pick<ReadCall, 'replica' | 'state'>,
  reader: ChangeReader,
): Promise<readonly Cause[]> {
  const causes: Cause[] = [];
  for (let offset = first; offset !== undefined && causes.length < MOST; ) {
    const found = await eventAt(offset, replica);
    if (!found) return [...causes, { offset }];
    const { event } = found;
    const { namespace } = parseKey(event.key);
    causes.push(reader.mayRead(namespace) ? { offset, ...toldOf(found, reader, state) } : { offset });
    // A cause is before what it causes: anything else is no chain.
    offset = event.cause !== undefined && event.cause < offset ? event.cause : undefined;
  }
  return causes;
}

/** A rollout takes about ten steps from the request to a pod that is ready. */
const MOST = 100;

function toldOf({ event, time }: Found, reader: ChangeReader, state: State): Omit<Cause, 'offset'> {
  const { type, key, actor } = event;
  const object = named(key, state);
  return {
    time: microTimestamp(time),
    type,
    object: nameOfChanged(object),
    ...(object.namespace && { namespace: object.namespace }),
    actor: actor.username,
    what: reader.mayGet(key) ? whatOfEvent(event) : '',
  };
}

type Found = NonNullable<Awaited<ReturnType<typeof eventAt>>>;

/** An object by its key, and its kind where that is served still. */
function named(key: string, state: State) {
  const object = changedObject(key);
  const served = apisOf(state).resource(object.resource);
  if (!served) return object;
  const { group, kind, storageVersion } = served;
  return { ...object, apiVersion: apiVersionOf({ group, version: storageVersion.version }), kind };
}
