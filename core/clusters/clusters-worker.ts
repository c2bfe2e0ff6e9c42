import { CLUSTERS, type Cluster } from '../apis/logplane/cluster.ts';
import type { Mutation } from '../apis/mutation.ts';
import { type ClusterInstant, plus } from '../instant.ts';
import { ROOT_CLUSTER } from '../kube/cluster-name.ts';
import type { Work, WorkedOn, Worker } from '../reconcile/worker.ts';
import { expired, nextEnd, unsettled } from './cluster-views.ts';
import type { ClustersHost } from './clusters-host.ts';
import { clustersWanted } from './clusters-wanted.ts';
import { endDeleted } from './deleted-cluster.ts';
import { adopted } from './open-cluster.ts';
import { Removal } from './removal.ts';
import { type Outcome, released, settleCluster, settledAs } from './settle-cluster.ts';
import { writeRoot } from './write-root.ts';

/**
 * Carries out what the objects of `root` say of clusters: begins forks, writes settings and orders into the logs of clusters, ends those whose time is over or that are deleted, and removes
 * the logs of those that have ended, piece by piece. Each step looks at what is there and may be done again.
 */
export const clustersWorker = (host: ClustersHost): Worker => ({
  ...clustersWanted,
  on: (root) => (root.replica.cluster === ROOT_CLUSTER ? new ClustersWork(host, root) : NOTHING),
});

const NOTHING: Work = { run: async () => undefined };

class ClustersWork implements Work {
  readonly #host: ClustersHost;
  readonly #root: WorkedOn;
  readonly #removal: Removal;
  #hasAdopted = false;

  constructor(host: ClustersHost, root: WorkedOn) {
    this.#host = host;
    this.#root = root;
    this.#removal = new Removal(host);
  }

  async run(): Promise<ClusterInstant | undefined> {
    const { replica } = this.#root;
    await replica.catchUp();
    await this.#adopt();
    await this.#expire();
    const names = [...replica.state.view(unsettled).keys()].slice(0, AT_ONCE);
    const outcomes = (await Promise.all(lanes(names, (name) => this.#settle(name)))).flat();
    const failed = outcomes.some(({ type }) => type === 'failed');
    await this.#write((state) => outcomes.flatMap((outcome) => mutationFor(state.get(CLUSTERS, undefined, outcome.name) as Cluster | undefined, outcome)));
    if (outcomes.some(({ type }) => type === 'ended')) this.#removal.look();
    const more = await this.#removal.step();
    const isLeft = replica.state.view(unsettled).size > (failed ? outcomes.length : 0) || expired(replica.state, { now: replica.now(), limit: 1 }).length > 0;
    if (isLeft && names.length > 0 && !failed) return replica.now();
    return earliest([nextEnd(replica.state), failed ? plus(replica.now(), RETRY_MS) : undefined, more === undefined ? undefined : plus(replica.now(), more)]);
  }

  /** Clusters that were there before there were objects of them. */
  async #adopt(): Promise<void> {
    if (this.#hasAdopted) return;
    const branches = (await this.#host.log.branches.list()).filter(({ cluster }) => cluster !== ROOT_CLUSTER);
    const objects = branches.map(adopted);
    await this.#write((state) =>
      objects
        .filter(({ metadata }) => !state.get(CLUSTERS, undefined, metadata.name))
        .flatMap((object): Mutation[] => [
          { type: 'create', resource: CLUSTERS, object },
          { type: 'update', resource: CLUSTERS, object, subresource: 'status' },
        ]),
    );
    this.#hasAdopted = true;
  }

  async #expire(): Promise<void> {
    const now = this.#root.replica.now();
    await this.#write((state) => expired(state, { now, limit: AT_ONCE }).map((name): Mutation => ({ type: 'delete', resource: CLUSTERS, name })));
  }

  /** What came of one cluster. One that fails holds up no other one. */
  async #settle(name: string): Promise<Outcome> {
    const { state } = this.#root.replica;
    const cluster = state.get(CLUSTERS, undefined, name) as Cluster;
    try {
      if (cluster.metadata.deletionTimestamp) return await endDeleted(this.#host, cluster, state);
      return await settleCluster(this.#host, cluster);
    } catch (error) {
      this.#host.problem(`cluster ${name} could not be brought to what its object says`, error);
      return { type: 'failed', name };
    }
  }

  #write(mutations: Parameters<typeof writeRoot>[1]): Promise<void> {
    return writeRoot(this.#root, mutations, this.#host.problem);
  }
}

/** How many clusters are looked at before what came of them is written. */
const AT_ONCE = 200;
const RETRY_MS = 30_000;

function mutationFor(cluster: Cluster | undefined, outcome: Outcome): Mutation[] {
  if (!cluster || outcome.type === 'failed' || cluster.metadata.uid !== outcome.uid) return [];
  return outcome.type === 'ended' ? released(cluster) : settledAs(cluster, outcome);
}

const earliest = (times: readonly (ClusterInstant | undefined)[]): ClusterInstant | undefined =>
  times.reduce((first, time) => (time === undefined || (first !== undefined && first <= time) ? first : time), undefined);

/** Each name in its turn, a few side by side. */
function lanes<T>(names: readonly string[], work: (name: string) => Promise<T>): Promise<T[]>[] {
  const left = names[Symbol.iterator]();
  return Array.from({ length: SIDE_BY_SIDE }, async () => {
    const done: T[] = [];
    for (const name of left) done.push(await work(name));
    return done;
  });
}

const SIDE_BY_SIDE = 16;
