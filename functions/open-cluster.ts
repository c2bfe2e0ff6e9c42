import { bootstrapObjects } from '../core/bootstrap/initial-objects.ts';
import { setRate } from '../core/clusters/clock.ts';
import { type Opening, openCluster as openAny } from '../core/clusters/open-cluster.ts';
import { quotaStatuses } from '../core/decide/quota-statuses.ts';
import { ROOT_CLUSTER } from '../core/kube/cluster-name.ts';
import { branchLog } from '../core/log/branch-log.ts';
import type { Branch } from '../core/log/branches.ts';
import type { Offset } from '../core/log/event.ts';
import { nodeObjects } from '../core/nodes/node-objects.ts';
import { OpenClusters } from '../core/replica/open-clusters.ts';
import { Replica } from '../core/replica/replica.ts';
import type { Wiring } from './wiring.ts';

/**
 * Opens a cluster: reads its newest snapshot and what came after. One that has not begun is begun, and the clock of the default cluster is set, where that is the function's to do (`begins`: the
 * registry of clusters is closed to all others). Undefined when there is no such cluster.
 */
export async function openCluster(wiring: Wiring, name: string, { begins, retentionMs = 0, like }: OpenOptions = {}): Promise<Replica | undefined> {
  const { log, env, wakeups, defaultCluster, nodes, admissionPlugins } = wiring;
  const open = async (branch: Branch) => {
    const appended = (offset: Offset) => wakeups.appended(branch.log, offset, replica.state);
    const replica: Replica = await Replica.open({
      log: branchLog(log, branch),
      cluster: branch.cluster,
      logName: branch.log,
      env,
      retentionMs,
      appended,
      closing: quotaStatuses(env),
      ...(like && { like: like.state }),
    });
    return replica;
  };
  const opening: Opening = {
    log,
    env,
    admissionPlugins,
    open,
    ...(begins && {
      beginning: { defaultCluster, objectsOf: (count = nodes, now) => [...bootstrapObjects(now), ...nodeObjects(count, now)], root: begins.root },
    }),
  };
  const replica = await openAny(opening, name);
  if (replica && begins?.clockRate !== undefined && name === defaultCluster) await setRate(replica, begins.clockRate);
  return replica;
}

export interface OpenOptions {
  /** Given where this function may begin clusters. */
  readonly begins?: {
    /** The cluster that all but the default one are objects of. */
    readonly root: () => Promise<Replica>;
    /** How fast the default cluster's time goes; undefined: as it is set already. */
    readonly clockRate?: number | undefined;
  };
  readonly retentionMs?: number;
  readonly like?: Replica | undefined;
}

/** The clusters that a container keeps open, where it may begin them. */
export class BegunClusters {
  readonly #open: OpenClusters<Replica>;

  constructor(wiring: Wiring, { clockRate }: { clockRate?: number | undefined } = {}) {
    const begins = { root: async () => (await this.replicaOf(ROOT_CLUSTER))!, clockRate };
    this.#open = new OpenClusters<Replica>((name, like) => openCluster(wiring, name, { begins, like }), wiring);
  }

  /** Where a cluster has ended, another one may have its name. */
  replicaOf = async (name: string): Promise<Replica | undefined> => {
    const replica = await this.#open.get(name);
    if (!replica || !isOver(replica)) return replica;
    this.#open.forget(name);
    return this.#open.get(name);
  };

  kept = (name: string): Replica | undefined => this.#open.kept(name);

  forget = (name: string): void => this.#open.forget(name);
}

/** Whether a cluster that was open has ended, as far as is known here: a log of which nothing is left says so, too. */
export const isOver = ({ isOver, state }: Replica): boolean => isOver || state.offset === 0;
