import { tooManyRequests } from '../../kube/status.ts';
import type { User } from '../../kube/user.ts';
import type { EventObject } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import { lastWrite } from '../../state/last-write.ts';
import { emptyTree, type Tree } from '../../state/tree.ts';
import type { View } from '../../state/view.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import type { EventLimit } from './event-limit.ts';

/**
 * Keeps Events from being written faster than limits allow (Kubernetes documentation, "Admission Control", EventRateLimit; plugin/pkg/admission/eventratelimit).
 * Its token buckets are derived from the Events that have been written, so that all writers of a cluster share them, and a decision that is made again comes to the same.
 */
export function eventRateLimit(limits: readonly EventLimit[]): AdmissionPlugin {
  const enforcers = limits.map((limit) => ({ limit, buckets: bucketsOf(limit) }));
  return {
    name: 'EventRateLimit',
    validate({ operation, resource, subresource, object, user, state, now, dryRun }) {
      if (resource.storedAs !== 'events' || subresource !== undefined || (operation !== 'CREATE' && operation !== 'UPDATE') || dryRun) return;
      const reached = enforcers.flatMap(({ limit, buckets }) => {
        const key = keyIn(limit, object as EventObject, user);
        const bucket = state.view(buckets).get(key);
        return bucket && tokensAt(now, bucket, limit) < 1 ? [`limit reached on type ${limit.type} for key ${key}`] : [];
      });
      if (reached.length > 0) throw tooManyRequests(`Too many requests: ${reached.length === 1 ? reached[0] : `[${reached.join(', ')}]`}`);
    },
  };
}

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

const tokensAt = (now: number, { tokens, at }: Bucket, { qps, burst }: EventLimit): number => Math.min(burst, tokens + (Math.max(0, now - at) / 1000) * qps);

/** The buckets from which something has been taken. */
const bucketsOf = (limit: EventLimit): View<Tree<Bucket>, 'events'> => ({
  of: ['events'],
  sinceSnapshot: true,
  initial: emptyTree(),
  evolve(before, changes) {
    const buckets = before.clone();
    const writes = changes.filter(({ type }) => type !== 'DELETED').map((change) => ({ change, at: lastWrite(change.object, change.time) }));
    for (const { change, at: written } of writes.sort((a, b) => a.at - b.at)) {
      const key = keyOf(limit, change);
      const bucket = buckets.get(key) ?? { tokens: limit.burst, at: written };
      const at = Math.max(written, bucket.at);
      buckets.set(key, { tokens: Math.max(0, tokensAt(at, bucket, limit) - 1), at });
    }
    return withinSize(buckets, limit);
  },
});

const keyOf = (limit: EventLimit, { object, actor }: Change<EventObject>): string => keyIn(limit, object, actor);

function keyIn({ type }: EventLimit, { metadata, source, involvedObject }: EventObject, user: User): string {
  switch (type) {
    case 'Server':
      return '';
    case 'Namespace':
      return metadata.namespace ?? '';
    case 'User':
      return user.username;
    case 'SourceAndObject': {
      const { kind, namespace, name, uid, apiVersion } = involvedObject;
      return [source?.component, source?.host, kind, namespace, name, uid, apiVersion].join('');
    }
  }
}

const CACHE_SIZE = 4096;

/** Of too many buckets those go that are full again by the time of the last write, which are as good as none, and then any. */
function withinSize(buckets: Tree<Bucket>, limit: EventLimit): Tree<Bucket> {
  const most = limit.cacheSize || CACHE_SIZE;
  if (buckets.size <= most) return buckets;
  const all = [...buckets.entries()];
  const last = Math.max(...all.map(([, { at }]) => at));
  const excess = [...all.filter(([, bucket]) => tokensAt(last, bucket, limit) === limit.burst), ...all].map(([key]) => key);
  for (const key of excess) {
    if (buckets.size <= most) break;
    buckets.delete(key);
  }
  return buckets;
}
