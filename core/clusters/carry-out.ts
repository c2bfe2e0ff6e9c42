import type { Cluster } from '../apis/logplane/cluster.ts';
import { advancedMs, orderedMs } from '../apis/logplane/cluster-status.ts';
import type { Clock } from '../env.ts';
import { between } from '../instant.ts';
import { parseGoDuration } from '../kube/go-duration.ts';
import { clusterClock } from '../replica/cluster-clock.ts';
import type { ClusterSettings } from '../replica/cluster-settings.ts';
import type { Replica } from '../replica/replica.ts';
import { advanceAsOrdered, leftOf, type Order, setRate } from './clock.ts';
import { type ClusterWork, passTime } from './passing-time.ts';
import { setSettings } from './settings.ts';

/** What lets time pass in a cluster, and the clock that says how long that takes. */
export interface Passing {
  readonly clock: Clock;
  readonly workOf: (replica: Replica) => Promise<ClusterWork>;
}

/** Carries out what the spec of a cluster sets and orders. Resolves to whether all of it is done: time that is put forward by much takes several turns. */
export async function carryOut(replica: Replica, cluster: Cluster, passing: Passing): Promise<boolean> {
  await setAsSpecified(replica, cluster);
  return advance(replica, { by: cluster.metadata.uid!, ordered: orderedMs(cluster), done: advancedMs(cluster) }, passing);
}

/** Writes what the spec of a cluster sets into its log, as far as it does not stand there. */
export async function setAsSpecified(replica: Replica, cluster: Cluster): Promise<void> {
  await setSettings(replica, settingsOf(cluster));
  const rate = rateOf(cluster);
  if (rate !== undefined) await setRate(replica, rate);
}

async function advance(replica: Replica, order: Order, { clock, workOf }: Passing): Promise<boolean> {
  const left = () => leftOf(order, replica.state.view(clusterClock));
  if (left() === 0) return true;
  const began = clock.elapsed();
  return passTime(replica, await workOf(replica), {
    left,
    step: (ms) => advanceAsOrdered(replica, order, ms),
    isEnough: () => between(began, clock.elapsed()) > TURN_MS,
  });
}

/** So long, in ms of real time, other clusters wait at most. */
const TURN_MS = 5_000;

function settingsOf({ spec: { suspended, retention, eventTTL } }: Cluster): ClusterSettings {
  return {
    ...(suspended && { suspended }),
    ...(retention !== undefined && { retentionMs: milliseconds(retention) }),
    ...(eventTTL !== undefined && { eventTtlMs: milliseconds(eventTTL) }),
  };
}

/** How fast the time of a cluster is to go; undefined: as it does. A clock that was set goes as real time again once it is set no more. */
function rateOf({ spec: { clock }, status }: Cluster): number | undefined {
  if (clock) return clock.paused ? 0 : (clock.rate ?? 1);
  return status?.clock?.isSet ? 1 : undefined;
}

const milliseconds = (text: string): number => Math.round(parseGoDuration(text)!);
