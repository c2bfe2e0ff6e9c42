import { CLUSTERS, type Cluster } from '../apis/logplane/cluster.ts';
import { forksOf } from '../apis/logplane/cluster-forks.ts';
import { clusterInstant } from '../instant.ts';
import { branchLog } from '../log/branch-log.ts';
import { type Branch, branchPoint } from '../log/branches.ts';
import { isEnd } from '../log/end-entry.ts';
import { lastOffset } from '../log/log.ts';
import { endEvent } from '../replica/cluster-end.ts';
import type { State } from '../state/state.ts';
import type { ClustersHost } from './clusters-host.ts';
import { endCluster } from './end.ts';
import { isBegun } from './forks.ts';
import { beginBranch } from './open-cluster.ts';
import type { Outcome } from './settle-cluster.ts';

/**
 * Ends a cluster whose object is being deleted: first its forks are begun, which need its history; then its log takes nothing more; then its name is free. Its log is removed after that
 * (removal.ts).
 */
export async function endDeleted(host: ClustersHost, cluster: Cluster, state: State): Promise<Outcome> {
  const { name, uid } = cluster.metadata;
  for (const fork of forksOf(state, name)) {
    const object = state.get(CLUSTERS, undefined, fork) as Cluster;
    if (!object.metadata.deletionTimestamp && object.status?.failure === undefined && !(await isBegun(host, object))) await beginBranch(host.log, object);
  }
  const branch = await host.log.branches.get(name);
  // Of another log of this name, that is what it was.
  if (branch?.log === cluster.status?.log) {
    await writeEnd(host, branch!);
    await host.log.branches.end(name, branch!.log);
  }
  host.ended(name);
  return { type: 'ended', name, uid: uid! };
}

/** Appends the end, through the replica where the cluster is open here. For that alone a large state need not be read. */
async function writeEnd({ log, openReplica, env }: ClustersHost, branch: Branch): Promise<void> {
  const replica = openReplica(branch.cluster);
  // What is open here may be another cluster that had the name: its end is not that of this one.
  if (replica?.logName === branch.log) return endCluster(replica);
  const own = branchLog(log, branch);
  const writer = env.ids.uid();
  for (;;) {
    const last = await own.lastEntry(branch.cluster, { atMost: Number.MAX_SAFE_INTEGER });
    if (last?.events.some(isEnd)) return;
    const after = last ? lastOffset(last) : branchPoint(branch);
    const { type } = await own.append(branch.cluster, { after, events: [endEvent()], writer, time: last?.time ?? clusterInstant(0) });
    if (type === 'appended') return;
  }
}
