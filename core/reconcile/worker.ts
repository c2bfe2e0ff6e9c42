import type { AskPort } from '../admission/ask.ts';
import type { AdmissionPlugin } from '../admission/plugin.ts';
import type { Env } from '../env.ts';
import type { ClusterInstant, RealDelay } from '../instant.ts';
import { isSuspended } from '../replica/cluster-settings.ts';
import type { Replica } from '../replica/replica.ts';
import type { State } from '../state/state.ts';
import type { Reconciler } from './reconciler.ts';
import { Runner } from './runner.ts';

/**
 * What a host runs on its clusters, woken through a queue of its name. The reconcilers are workers; others also do what is outside of a cluster's log, and append what
 * came of it. All of them look at what is: a run that was cut off is done again, and comes to the same.
 */
export interface Worker {
  readonly name: string;
  /** Whether a change that led to this state may be work for it. Every change is, unless told. */
  readonly wants?: (state: State) => boolean;
  on(cluster: WorkedOn): Work;
}

/** A cluster as a worker sees it. */
export interface WorkedOn {
  readonly replica: Replica;
  readonly env: Env;
  readonly admissionPlugins: readonly AdmissionPlugin[];
  readonly ask?: AskPort;
  /** Wakes the worker for this cluster after a while of real time: what is outside of a cluster does not go by its clock. */
  wakeIn(delay: RealDelay): Promise<void>;
}

export interface Work {
  /** One run. Returns when to run again, by the cluster's time; undefined: only a change can bring new work. Rejects when it could not be done: running again is always safe. */
  run(): Promise<ClusterInstant | undefined>;
}

export const reconciling = (reconciler: Reconciler): Worker => ({
  name: reconciler.name,
  on: ({ wakeIn: _, ...cluster }) => new Runner({ ...cluster, reconciler }),
});

/** What has to be known of a worker that few changes are for, to wake it. */
export type OccasionalWorker = Pick<Worker, 'name' | 'wants'>;

/** The names of those that a change which led to this state wakes: in a suspended cluster all of them rest. */
export const wokenBy = (state: State, workers: readonly OccasionalWorker[]): string[] =>
  isSuspended(state) ? [] : workers.filter(({ wants }) => wants?.(state) ?? true).map(({ name }) => name);
