import { type Mutation, update } from '../../apis/mutation.ts';
import { type ClusterInstant, clusterInstant, plus } from '../../instant.ts';
import { type Key, parseKey } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import type { EventObject } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { emptyTree, type Tree } from '../../state/tree.ts';
import type { View } from '../../state/view.ts';
import { type Controller, nothing } from '../controller.ts';
import { deletionOf } from '../shared/mutations.ts';

/**
 * Deletes Events whose last write is `ttlMs` ago (0: none, ever). In Kubernetes a lease of etcd ends and takes them away (pkg/registry/core/event/storage); a
 * recorder that counts an Event up writes it, and so gives it another term. Here they are deleted in the log: watches see it, and the past keeps them.
 *
 * What is due goes in one append. The next append follows a twentieth of the term later at the earliest, so that Events of a busy hour do not each cost an
 * append when they end; kube-apiserver shares a lease among Events for as long (storage/etcd3/lease_manager.go). Without Events there is nothing to wake up for.
 */
export function eventTtlController(ttlMs: number): Controller {
  const slackMs = Math.ceil(ttlMs / 20);
  return {
    name: 'event-ttl',
    actor: userNamed('system:apiserver'),
    watches: { events: () => [ALL_EVENTS] },
    primaries: () => [ALL_EVENTS],
    reconcile({ state, now }) {
      const oldest = ttlMs > 0 ? state.view(lastWrites).order.minKey() : undefined;
      if (oldest === undefined) return nothing;
      const enqueueAt = plus(writtenAt(oldest), ttlMs + slackMs);
      if (enqueueAt > now) return { mutations: [], enqueueAt };
      // The round after this one says when the next are due; the time given here holds only when all of these were refused.
      return { mutations: oldestEvents(state, now - ttlMs).map(removal), enqueueAt: plus(now, slackMs) };
    },
  };
}

/** No Event is a primary object of its own: one wake-up serves them all. */
const ALL_EVENTS: Key = 'events//';

/** The others follow in the next round: each deletion is decided on the draft that the one before it leaves. */
const AT_ONCE = 500;

function oldestEvents(state: State, writtenBefore: number): EventObject[] {
  const out: EventObject[] = [];
  for (const [place, key] of state.view(lastWrites).order.entries()) {
    if (out.length === AT_ONCE || writtenAt(place) > writtenBefore) break;
    const { namespace, name } = parseKey(key);
    out.push(state.get('events', namespace, name)!);
  }
  return out;
}

/**
 * Names the version, so that an Event that its recorder counts up in the same round stays. A lease does not ask for finalizers: an Event that has some is marked
 * as being deleted first, and let go then.
 */
function removal(event: EventObject): Mutation {
  const { finalizers: _, ...metadata } = event.metadata;
  if (metadata.deletionTimestamp) return update('events', { ...event, metadata });
  const { uid, resourceVersion } = metadata;
  return { ...deletionOf('events', event), preconditions: { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) } };
}

interface LastWrites {
  /** The keys of Events, by when they were last written: the oldest first. */
  readonly order: Tree<Key>;
  /** When each was, ms since the epoch. */
  readonly times: Tree<number>;
}

const lastWrites: View<LastWrites, 'events'> = {
  of: ['events'],
  initial: { order: emptyTree(), times: emptyTree() },
  evolve(before, changes) {
    const [order, times] = [before.order.clone(), before.times.clone()];
    for (const { type, key, object, time } of changes) {
      const known = times.get(key);
      if (known !== undefined) order.delete(placeOf(known, key));
      times.delete(key);
      if (type === 'DELETED') continue;
      const last = lastWrite(object, time);
      order.set(placeOf(last, key), key);
      times.set(key, last);
    }
    return { order, times };
  },
};

/**
 * When an Event was last written, as it says itself. The time of the change would be exact, but a process that begins with a snapshot does not know it: there all
 * Events seem to be as new as the snapshot, and a host that starts often would never see one end. So both kinds of process go by the stamps, and come to the same:
 * the only write that they do not tell of is one by a client that counts nothing up (`kubectl label`), which here gives no other term. A recorder's clock may be
 * ahead, or set to the year 2099: no stamp counts for more than the change that brought it, at the latest the end of the log.
 */
function lastWrite({ metadata, firstTimestamp, lastTimestamp, eventTime, series }: EventObject, changed: number): number {
  const stamps = [metadata.creationTimestamp, firstTimestamp, lastTimestamp, eventTime, series?.lastObservedTime];
  const last = Math.max(0, ...stamps.filter((stamp) => stamp !== undefined && stamp !== null).map((stamp) => Date.parse(stamp)));
  // A stamp has whole seconds: the Event is to stay its whole term, whenever in that second it was.
  return Math.min(last + 999, changed);
}

/** Sorts by time, then by key: 15 digits reach past the year 9999, the last that a stamp can name. */
const placeOf = (time: number, key: Key) => `${String(time).padStart(15, '0')} ${key}`;

const writtenAt = (place: string): ClusterInstant => clusterInstant(Number(place.slice(0, 15)));
