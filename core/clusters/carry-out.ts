import type { Cluster } from '../apis/logplane/cluster.ts';
import { advancedMs, orderedMs } from '../apis/logplane/cluster-status.ts';
import { parseGoDuration } from '../kube/go-duration.ts';
import type { ClusterSettings } from '../replica/cluster-settings.ts';
import type { Replica } from '../replica/replica.ts';
import { advanceAsOrdered, setRate } from './clock.ts';
import { setSettings } from './settings.ts';

/** Writes what the spec of a cluster sets into its log, as far as it does not stand there. */
export async function carryOut(replica: Replica, cluster: Cluster): Promise<void> {
  await setSettings(replica, settingsOf(cluster));
  const rate = rateOf(cluster);
  if (rate !== undefined) await setRate(replica, rate);
  await advanceAsOrdered(replica, { by: cluster.metadata.uid!, ordered: orderedMs(cluster), done: advancedMs(cluster) });
}

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
