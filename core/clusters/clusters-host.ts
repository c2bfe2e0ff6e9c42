import type { Env } from '../env.ts';
import type { EventLog } from '../log/log.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import type { Replica } from '../replica/replica.ts';

/** What the worker has of its host. */
export interface ClustersHost {
  readonly log: EventLog;
  readonly env: Pick<Env, 'ids'>;
  /** The replica of a cluster, begun if it was not; undefined: there is none. */
  readonly replicaOf: (name: string) => Promise<Replica | undefined>;
  /** The same where it is open in this process; otherwise undefined. */
  readonly openReplica: (name: string) => Replica | undefined;
  /** The cluster of this name has ended: what is kept of it is of no use. */
  readonly ended: (name: string) => void;
  /** Makes what works in its clusters (cluster-reconcilers.ts), for time that passes in one. */
  readonly reconcilers: () => Promise<readonly Reconciler[]>;
  readonly problem: (message: string, error: unknown) => void;
}
