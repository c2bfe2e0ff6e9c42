import { parseKey } from '../../../core/kube/object.ts';
import type { Checker } from './checker.ts';

/** A subscriber is told of each change since its subscription at least once, and of those of one object in their order. */
export const deliveries: Checker = {
  name: 'deliveries',
  *check({ cluster, replay, subscribers, restored }) {
    const subscription = replay.versions.find(({ key, type }) => key === SUBSCRIPTION && type === 'ADDED');
    if (!subscription) return;
    const told = subscribers.told.get(cluster) ?? [];
    const seen = new Set(told.map(({ object, offset }) => `${object} ${offset}`));
    for (const { key, offset } of replay.versions)
      if (offset > subscription.offset && parseKey(key).resource === 'configmaps' && !seen.has(`${key} ${offset}`))
        yield `nobody was told of ${key} at ${offset}`;
    // Offsets are given out again after a restore: what was told before was of another history.
    if (restored) return;
    const last = new Map<string, number>();
    const before = new Set<string>();
    for (const { object, offset } of told) {
      const isRepeated = before.has(`${object} ${offset}`);
      before.add(`${object} ${offset}`);
      if (isRepeated) continue;
      if (offset < (last.get(object) ?? 0)) yield `${object} at ${offset} was told of after ${last.get(object)}`;
      last.set(object, Math.max(offset, last.get(object) ?? 0));
    }
  },
};

const SUBSCRIPTION = 'clustersubscriptions.logplane.dev//told';
