import { clustersWorker } from '../core/clusters/clusters-worker.ts';
import { ROOT_CLUSTER } from '../core/kube/cluster-name.ts';
import { BegunClusters } from './open-cluster.ts';
import { eventTtlMs, schedulerProfiles, wire } from './wiring.ts';
import { work } from './work.ts';

const wiring = wire({ writer: 'clusters' });
const clusters = new BegunClusters(wiring);
const { log, env, problem } = wiring;
const { replicaOf, kept: openReplica, forget: ended } = clusters;

/** They sign nothing here, where no key is: the controllers do, a moment later. */
const reconcilers = async () =>
  (await import('../core/clusters/cluster-reconcilers.ts')).clusterReconcilers({ profiles: schedulerProfiles(), eventTtlMs: eventTtlMs() });

/** Carries out what the objects of `root` say of clusters: begins, sets, resets and ends them, and removes the logs of those that have ended. */
export const handler = work({
  worker: clustersWorker({ log, env, replicaOf, openReplica, ended, problem, reconcilers }),
  wiring,
  open: async (name) => (name === ROOT_CLUSTER ? replicaOf(name) : undefined),
});
