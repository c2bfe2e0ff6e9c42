import { CLUSTERS, type Cluster, type ClusterStatus, LOG_FINALIZER, type ResetStatus } from '../apis/logplane/cluster.ts';
import { advancedMs, hasSettings, isResetting, orderedMs } from '../apis/logplane/cluster-status.ts';
import type { Mutation } from '../apis/mutation.ts';
import { StatusError } from '../kube/status.ts';
import { resetsIn } from '../replica/cluster-reset.ts';
import type { Replica } from '../replica/replica.ts';
import { carryOut, type Passing } from './carry-out.ts';
import type { ClustersHost } from './clusters-host.ts';
import { resetTo } from './reset.ts';

/** What came of a cluster: how far it was carried out, that it has ended, or that it is to be gone on with or tried again. */
export type Outcome =
  | { readonly type: 'settled'; readonly name: string; readonly uid: string; readonly seen: Cluster; readonly failure?: string; readonly resetFailure?: string }
  | { readonly type: 'ended'; readonly name: string; readonly uid: string }
  /** To be gone on with. */
  | { readonly type: 'begun'; readonly name: string }
  | { readonly type: 'failed'; readonly name: string };

/** Brings a cluster to what its object says. One that no process has opened yet is left to the first that does, unless its time is to go on. */
export async function settleCluster({ log, replicaOf }: Pick<ClustersHost, 'log' | 'replicaOf'>, cluster: Cluster, passing: Passing): Promise<Outcome> {
  const { name, uid } = cluster.metadata;
  const outcome = { type: 'settled', name, uid: uid!, seen: cluster } as const;
  const isFirst = cluster.status?.observedGeneration === undefined;
  const isOpened = (await log.branches.get(name)) !== undefined;
  const isAhead = orderedMs(cluster) > advancedMs(cluster);
  if (!isAhead && (!isOpened || (isFirst && !hasSettings(cluster)))) return outcome;
  const replica = await replicaOf(name);
  if (!replica) return outcome;
  await replica.catchUp();
  const resetFailure = isResetting(cluster) ? await resetAsOrdered(replica, cluster.status!.reset!) : undefined;
  if (!(await carryOut(replica, cluster, passing))) return { type: 'begun', name };
  return { ...outcome, ...(resetFailure !== undefined && { resetFailure }) };
}

/** Resets a cluster, once: who is not sure that it was done asks again. Resolves to why it cannot be done. */
async function resetAsOrdered(replica: Replica, { from, offset }: ResetStatus): Promise<string | undefined> {
  if (resetsIn(replica.state).some(({ at, to }) => at > from && to === offset)) return undefined;
  try {
    await resetTo(replica, offset);
    return undefined;
  } catch (error) {
    // It is not kept any more.
    if (error instanceof StatusError && error.code === 410) return error.status.message;
    throw error;
  }
}

/** What comes of a fork whose history is not there. */
export const goneFork = (cluster: Cluster): Outcome => ({
  type: 'settled',
  name: cluster.metadata.name,
  uid: cluster.metadata.uid!,
  seen: cluster,
  failure: 'the history that it was to share is not kept any more',
});

/** The status of a cluster of which this much was carried out: what was ordered since is still to be done. */
export function settledAs(cluster: Cluster, { seen, failure, resetFailure }: Extract<Outcome, { type: 'settled' }>): Mutation[] {
  const { status } = cluster;
  const { ordered } = seen.status?.clock ?? {};
  const clock = { ...status?.clock, ...(ordered !== undefined && { advanced: ordered }), isSet: seen.spec.clock !== undefined };
  const next: ClusterStatus = {
    ...status,
    observedGeneration: seen.metadata.generation!,
    ...((status?.clock || clock.isSet) && { clock }),
    ...(status?.reset && {
      reset: { ...status.reset, completed: seen.status?.reset?.ordered ?? 0, ...(resetFailure !== undefined && { failure: resetFailure }) },
    }),
    ...(failure !== undefined && { failure }),
  };
  return [{ type: 'update', resource: CLUSTERS, object: { ...withoutVersion(cluster), status: next } as Cluster, subresource: 'status' }];
}

/** The log is on its way out: nothing of it holds the object any more. */
export function released(cluster: Cluster): Mutation[] {
  const { metadata, ...rest } = withoutVersion(cluster);
  const finalizers = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== LOG_FINALIZER);
  return [{ type: 'update', resource: CLUSTERS, object: { ...rest, metadata: { ...metadata, finalizers } } as Cluster }];
}

/** It is written over whatever stands there by then. */
function withoutVersion(cluster: Cluster): Cluster {
  const { resourceVersion: _, ...metadata } = cluster.metadata;
  return { ...cluster, metadata };
}
