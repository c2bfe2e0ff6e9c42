import { type ClusterInstant, clusterInstant, epochMs, type RealInstant, realInstant } from '../instant.ts';
import { fieldsOf, objectOf } from '../kube/fields.ts';
import { type Key, type KubeObject, keyOf } from '../kube/object.ts';
import type { View } from '../state/view.ts';

/** How the time of a cluster goes: from a moment on, so many ms of it in each ms of real time. */
export interface ClusterClock {
  /** 1: as real time goes; 0: it stands still. */
  readonly rate: number;
  readonly since: ClusterInstant;
  /** What real time it was then. */
  readonly realSince: RealInstant;
  /** By how many ms it was put forward on the orders of someone, so that none is followed twice. */
  readonly orders?: { readonly by: string; readonly ms: number };
}

/** The time of a cluster is real time until its clock is set. */
export const realClock: ClusterClock = { rate: 1, since: clusterInstant(0), realSince: realInstant(0) };

/**
 * How a cluster's clock is set in a state. The setting is in the log like any object, so that every process that folds the log goes by it, and the
 * entry that changes it wakes all reconcilers (docs/decisions/0019-clocks.md).
 */
export const clusterClock: View<ClusterClock> = {
  of: ['clusterclocks'],
  initial: realClock,
  evolve(before, changes) {
    const last = changes.at(-1);
    return last ? clockIn(last.object) : before;
  },
};

/**
 * Where a setting is kept: in a resource that no API serves, as the RangeAllocations of a kube-apiserver are in etcd, so that no request reaches it. Nor does a custom
 * resource: its group has a dot.
 */
export const CLOCK_KEY: Key = keyOf('clusterclocks', undefined, 'cluster');

/** The object that keeps a setting. */
export const clockObject = ({ rate, since, realSince, orders }: ClusterClock): KubeObject =>
  objectOf({
    apiVersion: 'v1',
    kind: 'ClusterClock',
    metadata: { name: 'cluster' },
    spec: { rate, since: new Date(since).toISOString(), realSince: new Date(epochMs(realSince)).toISOString(), ...(orders && { orders }) },
  });

function clockIn(object: KubeObject): ClusterClock {
  const { rate, since, realSince, orders } = fieldsOf(object)['spec'] as { rate: number; since: string; realSince: string } & Pick<ClusterClock, 'orders'>;
  return { rate, since: clusterInstant(since), realSince: realInstant(Date.parse(realSince)), ...(orders && { orders }) };
}
