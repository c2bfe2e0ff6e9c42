import { objectOf } from '../kube/fields.ts';
import { StatusError } from '../kube/status.ts';
import { userNamed } from '../kube/user.ts';
import { END_KEY } from '../log/end-entry.ts';
import type { LogEvent } from '../log/event.ts';
import type { State } from '../state/state.ts';

/**
 * The end of a cluster, as an object that no API serves (as cluster-clock.ts has one): the last that is ever written to its log. Every process that folds it takes
 * no more writes, so that none is acknowledged into a log that is being removed.
 */
export const endEvent = (): LogEvent => ({
  type: 'ADDED',
  key: END_KEY,
  object: objectOf({ apiVersion: 'v1', kind: 'ClusterEnd', metadata: { name: 'cluster' } }),
  actor: userNamed('system:apiserver'),
});

/** Whether a cluster has ended. A decision that was made on this is made again once it has. */
export const hasEnded = (state: State): boolean => state.get('clusterends', undefined, 'cluster') !== undefined;

/** 404: the first part of the URL names a cluster that does not exist, or does not any more. */
export const noSuchCluster = (name: string) =>
  new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `clusters.logplane.dev ${JSON.stringify(name)} not found`,
    reason: 'NotFound',
    details: { name, group: 'logplane.dev', kind: 'clusters' },
    code: 404,
  });
