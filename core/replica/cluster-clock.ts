import { type ClusterInstant, clusterInstant, epochMs, type RealInstant, realInstant } from '../instant.ts';
import { type Key, keyOf } from '../kube/object.ts';
import type { ConfigMap } from '../schema/generated/kinds.ts';
import type { View } from '../state/view.ts';

/** How the time of a cluster goes: from a moment on, so many ms of it in each ms of real time. */
export interface ClusterClock {
  /** 1: as real time goes; 0: it stands still. */
  readonly rate: number;
  readonly since: ClusterInstant;
  /** What real time it was then. */
  readonly realSince: RealInstant;
}

/** The time of a cluster is real time until its clock is set. */
export const realClock: ClusterClock = { rate: 1, since: clusterInstant(0), realSince: realInstant(0) };

/** A day a second: what goes faster leaves reconcilers no time between two deadlines. */
export const MAX_RATE = 86_400;

export const isRate = (rate: number): boolean => rate >= 0 && rate <= MAX_RATE;

/**
 * How a cluster's clock is set in a state. The setting is an object of the cluster like any other, so that every process that folds the log goes by it, and the
 * entry that changes it wakes all reconcilers (docs/decisions/0019-clocks.md).
 */
export const clusterClock: View<ClusterClock, 'configmaps'> = {
  of: ['configmaps'],
  initial: realClock,
  evolve(before, changes) {
    const last = changes.findLast(({ key }) => key === CLOCK_KEY);
    if (!last) return before;
    return last.type === 'DELETED' ? realClock : clockIn(last.object);
  },
};

export const NAMESPACE = 'kube-system';
export const NAME = 'cluster-clock';
export const CLOCK_KEY: Key = keyOf('configmaps', NAMESPACE, NAME);

/** The data of the ConfigMap that keeps a setting. */
export const clockData = ({ rate, since, realSince }: ClusterClock): Readonly<Record<string, string>> => ({
  rate: String(rate),
  since: new Date(since).toISOString(),
  realSince: new Date(epochMs(realSince)).toISOString(),
});

/** What a client may have made of the object is no setting, and must not stop a cluster: its time goes on as real time does. */
function clockIn({ data }: ConfigMap): ClusterClock {
  const rate = data?.['rate'] ? Number(data['rate']) : Number.NaN;
  const [since, realSince] = [Date.parse(data?.['since'] ?? ''), Date.parse(data?.['realSince'] ?? '')];
  if (!isRate(rate) || Number.isNaN(since) || Number.isNaN(realSince)) return realClock;
  return { rate, since: clusterInstant(since), realSince: realInstant(realSince) };
}
