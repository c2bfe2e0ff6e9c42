import { type ClusterInstant, clusterInstant } from '../../instant.ts';
import { goDuration, parseGoDuration } from '../../kube/go-duration.ts';
import { timestamp } from '../../kube/object.ts';
import { newLogName } from '../../log/branches.ts';
import { type Cluster, type ClusterPhase, type ClusterStatus, LOG_FINALIZER } from './cluster.ts';

/** Takes an order to put the clock forward out of the spec, and adds it to what was ordered. One that is malformed stays, to be refused. (Of a reset, cluster-moments.ts does.) */
export function withOrders(cluster: Cluster): void {
  const { clock } = cluster.spec;
  const ms = clock?.advance === undefined ? undefined : parseGoDuration(clock.advance);
  if (ms === undefined || !(ms > 0) || !cluster.status?.observedGeneration) return;
  const { advance: _, ...rest } = clock!;
  const { clock: _c, ...others } = cluster.spec;
  cluster.spec = Object.keys(rest).length > 0 ? { ...others, clock: rest } : others;
  cluster.status = { ...cluster.status, clock: { ...cluster.status.clock, ordered: goDuration(orderedMs(cluster) + Math.round(ms)) } };
}

export const orderedMs = ({ status }: Cluster): number => parseGoDuration(status?.clock?.ordered ?? '0s')!;
export const advancedMs = ({ status }: Cluster): number => parseGoDuration(status?.clock?.advanced ?? '0s')!;

export const isResetting = ({ status }: Cluster): boolean => (status?.reset?.ordered ?? 0) > (status?.reset?.completed ?? 0);

/** Whether the host has something to carry out: a new spec, an order, or the end. */
export const isUnsettled = (cluster: Cluster): boolean => {
  const { metadata, status } = cluster;
  // What else holds an object is not the log.
  if (metadata.deletionTimestamp) return metadata.finalizers?.includes(LOG_FINALIZER) ?? false;
  return status?.observedGeneration !== metadata.generation || isResetting(cluster) || orderedMs(cluster) > advancedMs(cluster);
};

/** What of a spec is to be written into the cluster's own log. Without any of it a cluster is there by being named: what it shares is begun without being told of (clusters/forks.ts). */
export const hasSettings = ({ spec: { clock, retention, eventTTL, suspended } }: Cluster): boolean =>
  clock !== undefined || retention !== undefined || eventTTL !== undefined || suspended === true;

/** Brings the part of the status up to date that follows from the rest of the object. */
export function settled(cluster: Cluster, previous: Cluster | undefined, now: ClusterInstant): void {
  const { metadata, spec, status = {} } = cluster;
  const expiresAt = endOf(cluster);
  const { expiresAt: _, ...rest } = status;
  const log = status.log ?? newLogName(metadata.name, metadata.uid!);
  const observed = !previous && !hasSettings(cluster) ? { observedGeneration: metadata.generation ?? 1 } : {};
  const phase = phaseOf(cluster);
  cluster.status = {
    ...rest,
    ...observed,
    log,
    phase,
    ...(expiresAt !== undefined && { expiresAt }),
    conditions: [
      condition('Ready', phase === 'Ready' || phase === 'Suspended', { reason: phase === 'Suspended' ? 'Ready' : phase, message: status.failure ?? '' }),
      condition('Suspended', spec.suspended === true, { reason: spec.suspended ? 'Suspended' : 'Running', message: '' }),
    ],
  };

  function condition(type: 'Ready' | 'Suspended', holds: boolean, of: { reason: string; message: string }): NonNullable<ClusterStatus['conditions']>[number] {
    const before = previous?.status?.conditions?.find((known) => known.type === type);
    const value = holds ? 'True' : 'False';
    return { type, status: value, ...of, lastTransitionTime: before?.status === value ? before.lastTransitionTime : timestamp(now) };
  }
}

function phaseOf(cluster: Cluster): ClusterPhase {
  if (cluster.metadata.deletionTimestamp) return 'Terminating';
  if (cluster.status?.failure) return 'Failed';
  if (isResetting(cluster)) return 'Resetting';
  return cluster.spec.suspended ? 'Suspended' : 'Ready';
}

/** When it goes by itself; what is malformed is refused. */
function endOf({ metadata, spec: { ttl, expiresAt } }: Cluster): string | undefined {
  const ms = ttl === undefined ? undefined : parseGoDuration(ttl);
  if (ms !== undefined && metadata.creationTimestamp) return timestamp(clusterInstant(metadata.creationTimestamp) + Math.ceil(ms / 1_000) * 1_000);
  return expiresAt;
}
