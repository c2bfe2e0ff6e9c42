import { type Mutation, update } from '../../apis/mutation.ts';
import { type ClusterInstant, clusterInstant, plus } from '../../instant.ts';
import { type Key, parseKey } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import { clusterSettings } from '../../replica/cluster-settings.ts';
import type { EventObject } from '../../schema/generated/kinds.ts';
import { addKey, type Keys, keysOf, removeKey } from '../../state/indexes.ts';
import { lastWrite } from '../../state/last-write.ts';
import type { State } from '../../state/state.ts';
import { emptyTree, type Tree } from '../../state/tree.ts';
import type { View } from '../../state/view.ts';
import { type Controller, nothing } from '../controller.ts';
import { earliest } from '../shared/earliest.ts';
import { deletionOf } from '../shared/mutations.ts';

/**
 * Deletes Events whose last write is so many ms ago (0: none, ever): `ofHost`, unless the cluster is set otherwise. In Kubernetes a lease of etcd ends and takes them away (pkg/registry/core/event/storage); a
 * recorder that counts an Event up writes it, and so gives it another term. Here they are deleted in the log: watches see it, and the past keeps them.
 *
 * What is due goes in one append. The next append follows a twentieth of the term later at the earliest, so that Events of a busy hour do not each cost an
 * append when they end; kube-apiserver shares a lease among Events for as long (storage/etcd3/lease_manager.go). Without Events there is nothing to wake up for.
 */
export function eventTtlController(ofHost: number): Controller {
  return {
    name: 'event-ttl',
    actor: userNamed('system:apiserver'),
    // Another term is a reason to look, too.
    resource: 'clustersettings',
    watches: { events: () => [ALL_EVENTS] },
    primaries: () => [ALL_EVENTS],
    reconcile({ state, now }) {
      const { eventTtlMs: ttlMs = ofHost } = state.view(clusterSettings);
      const slackMs = Math.ceil(ttlMs / 20);
      const oldest = ttlMs > 0 ? oldestWrite(state, now - ttlMs - slackMs) : undefined;
      if (oldest === undefined) return nothing;
      const enqueueAt = plus(oldest, ttlMs + slackMs);
      if (enqueueAt > now) return { mutations: [], enqueueAt };
      // The round after this one says when the next are due; the time given here holds only when all of these were refused.
      return { mutations: oldestEvents(state, now - ttlMs).map(removal), enqueueAt: plus(now, slackMs) };
    },
  };
}

/** No Event is a primary object of its own: one wake-up serves them all. */
const ALL_EVENTS: Key = 'events//';

/**
 * When the oldest Event was written; or a time before that, as long as it is later than `due`: what a snapshot brought unread is read once one of it may be due. (What was the oldest
 * there may be gone by now.)
 */
function oldestWrite(state: State, due: number): ClusterInstant | undefined {
  const brought = state.broughtSince('events');
  if (brought === undefined || brought <= due) return firstOf(state.view(lastWrites));
  return earliest(clusterInstant(brought), firstOf(state.view(laterWrites)));
}

function firstOf({ order }: LastWrites): ClusterInstant | undefined {
  const place = order.minKey();
  return place === undefined ? undefined : writtenAt(place);
}

/** The others follow in the next round: each deletion is decided on the draft that the one before it leaves. */
const AT_ONCE = 500;

function oldestEvents(state: State, writtenBefore: number): EventObject[] {
  const out: EventObject[] = [];
  for (const [place, keys] of state.view(lastWrites).order.entries()) {
    if (writtenAt(place) > writtenBefore) break;
    for (const key of keysOf(keys)) {
      if (out.length === AT_ONCE) return out;
      const { namespace, name } = parseKey(key);
      out.push(state.get('events', namespace, name)!);
    }
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
  /** The keys of Events, by when they were last written: the oldest first. Those of one entry of the log mostly share a time. */
  readonly order: Tree<Keys>;
  /** When each was, ms since the epoch. */
  readonly times: Tree<number>;
}

/** Of all Events. */
const lastWrites: View<LastWrites, 'events'> = {
  of: ['events'],
  initial: { order: emptyTree(), times: emptyTree() },
  evolve(before, changes) {
    const [order, times] = [before.order.clone(), before.times.clone()];
    const own = new Set<Keys>();
    for (const { type, key, object, time } of changes) {
      const known = times.get(key);
      if (known !== undefined) removeKey(order, placeOf(known), key, own);
      if (type === 'DELETED') {
        times.delete(key);
        continue;
      }
      const last = lastWrite(object, time);
      addKey(order, placeOf(last), { key, name: object.metadata.name }, own);
      times.set(key, last);
    }
    return { order, times };
  },
};

/** Of those that were written since the snapshot, where that brought others that are unread. */
const laterWrites: View<LastWrites, 'events'> = { ...lastWrites, sinceSnapshot: true };

/** Sorts by time: 15 digits reach past the year 9999, the last that a stamp can name. */
const placeOf = (time: number) => String(time).padStart(15, '0');

const writtenAt = (place: string): ClusterInstant => clusterInstant(Number(place));
