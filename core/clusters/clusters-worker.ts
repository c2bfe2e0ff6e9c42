import { CLUSTERS, type Cluster } from '../apis/logplane/cluster.ts';
import type { Mutation } from '../apis/mutation.ts';
import { type ClusterInstant, plus } from '../instant.ts';
import { ROOT_CLUSTER } from '../kube/cluster-name.ts';
import type { Work, WorkedOn, Worker } from '../reconcile/worker.ts';
import type { Passing } from './carry-out.ts';
import { expired, nextEnd, unsettled } from './cluster-views.ts';
import type { ClustersHost } from './clusters-host.ts';
import { clustersWanted } from './clusters-wanted.ts';
import { endDeleted } from './deleted-cluster.ts';
import { Forks } from './forks.ts';
import { adopted } from './open-cluster.ts';
import { ClusterWork } from './passing-time.ts';
import { Removal } from './removal.ts';
import { goneFork, type Outcome, released, settleCluster, settledAs } from './settle-cluster.ts';
import { sideBySide } from './side-by-side.ts';
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
  readonly #forks: Forks;
  readonly #passing: Passing;
  #hasAdopted = false;

  constructor(host: ClustersHost, root: WorkedOn) {
    this.#host = host;
    this.#root = root;
    this.#removal = new Removal(host);
    this.#forks = new Forks(host);
    this.#passing = {
      clock: root.env.clock,
      workOf: async (replica) => new ClusterWork({ ...root, replica }, await host.reconcilers()),
    };
  }

  async run(): Promise<ClusterInstant | undefined> {
    const { replica } = this.#root;
    await replica.catchUp();
    await this.#adopt();
    await this.#expire();
    const forks = await this.#forks.begin(replica.state);
    const gone = forks.gone.map(goneFork);
    const names = [...replica.state.view(unsettled).keys()].filter((name) => gone.every((fork) => fork.name !== name)).slice(0, AT_ONCE);
    const outcomes = [...gone, ...(await sideBySide(names, (name) => this.#settle(name)))];
    const failed = forks.left === 'failed' || outcomes.some(({ type }) => type === 'failed');
    await this.#write((state) => outcomes.flatMap((outcome) => mutationFor(state.get(CLUSTERS, undefined, outcome.name) as Cluster | undefined, outcome)));
    if (outcomes.some(({ type }) => type === 'ended')) this.#removal.look();
    const more = await this.#removal.step();
    // What was begun is gone on with, with others, before what failed is tried again.
    if (outcomes.some(({ type }) => type === 'begun')) return replica.now();
    const isLeft = replica.state.view(unsettled).size > 0 || expired(replica.state, { now: replica.now(), limit: 1 }).length > 0;
    if (((isLeft && names.length > 0) || forks.left === 'more') && !failed) return replica.now();
    return earliest([nextEnd(replica.state), failed ? plus(replica.now(), RETRY_MS) : undefined, more === undefined ? undefined : plus(replica.now(), more)]);
  }

  /** Clusters that were there before there were objects of them. */
  async #adopt(): Promise<void> {
    if (this.#hasAdopted) return;
    const branches = (await this.#host.log.branches.list()).filter(({ cluster }) => cluster !== ROOT_CLUSTER);
    this.#forks.knows(branches);
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
      return await settleCluster(this.#host, cluster, this.#passing);
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
  if (!cluster || outcome.type === 'failed' || outcome.type === 'begun' || cluster.metadata.uid !== outcome.uid) return [];
  return outcome.type === 'ended' ? released(cluster) : settledAs(cluster, outcome);
}

const earliest = (times: readonly (ClusterInstant | undefined)[]): ClusterInstant | undefined =>
  times.reduce((first, time) => (time === undefined || (first !== undefined && first <= time) ? first : time), undefined);
