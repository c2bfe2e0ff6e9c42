import { noWebhooks } from '../../../core/admission/ask.ts';
import { defaultAdmissionPlugins } from '../../../core/admission/default-plugins.ts';
import { createServer, type Fetch } from '../../../core/api/server.ts';
import { staticTokens } from '../../../core/auth/static-tokens.ts';
import { bootstrapObjects } from '../../../core/bootstrap/initial-objects.ts';
import { clusterReconcilers } from '../../../core/clusters/cluster-reconcilers.ts';
import type { ClustersHost } from '../../../core/clusters/clusters-host.ts';
import { clustersWorker } from '../../../core/clusters/clusters-worker.ts';
import { figuresOf } from '../../../core/clusters/figures.ts';
import { withMoments } from '../../../core/clusters/moments.ts';
import { openCluster } from '../../../core/clusters/open-cluster.ts';
import { ROOT_CLUSTER } from '../../../core/kube/cluster-name.ts';
import { StatusError } from '../../../core/kube/status.ts';
import { branchLog } from '../../../core/log/branch-log.ts';
import { type DynamodbLog, dynamodbLog } from '../../../core/log/dynamodb/dynamodb-log.ts';
import { type EventLog, LogUnavailable } from '../../../core/log/log.ts';
import type { Work, WorkedOn } from '../../../core/reconcile/worker.ts';
import { OpenClusters } from '../../../core/replica/open-clusters.ts';
import { Replica } from '../../../core/replica/replica.ts';
import { Deliveries } from '../../../core/subscriptions/deliveries.ts';
import type { Targets } from '../../../core/subscriptions/target.ts';
import { ADMIN, TOKEN } from '../deployment.ts';
import { Process, type World } from '../process.ts';
import type { Subscribers } from '../subscribers.ts';
import { type FaultyTable, tableClient } from '../table-client.ts';

export interface HostOptions {
  readonly world: World;
  readonly table: FaultyTable;
  readonly subscribers: Subscribers;
  /** The logs of clusters whose subscribers are being told: one process at a time tells those of one (a group of a FIFO queue). */
  readonly telling: Set<string>;
  readonly problem: (where: string, error: unknown) => void;
  /** Laid around the log of every process: where a test puts a defect. */
  readonly wrapLog?: (log: EventLog) => EventLog;
  /** Laid around what the worker of clusters has: where a test puts a defect. */
  readonly wrapHost?: (host: ClustersHost) => ClustersHost;
  readonly wrapFetch?: (fetch: Fetch) => Fetch;
  readonly wrapTargets?: (targets: Targets) => Targets;
}

/** A process that serves clusters as a function does (functions/api.ts), carries out their objects (functions/clusters.ts), keeps their logs short and tells their subscribers. */
export class Host {
  readonly process: Process;
  readonly log: DynamodbLog;
  readonly #options: HostOptions;
  readonly #open: OpenClusters<Replica>;
  readonly #fetch: Fetch;
  readonly #ask;
  #work: Work | undefined;
  readonly #deliveries = new WeakMap<Replica, Work>();

  constructor(name: string, options: HostOptions, { mortal = true }: { mortal?: boolean } = {}) {
    const { world, table, wrapLog = (log) => log, wrapFetch = (fetch) => fetch } = options;
    this.#options = options;
    this.process = new Process(world, name, { mortal, skew: world.chance.between(-200, 200) });
    const { env } = this.process;
    this.log = wrapLog(dynamodbLog({ client: tableClient({ process: this.process, world, table }), table: 'log', env, timeoutMs: 2_000 })) as DynamodbLog;
    const { log } = this;
    this.#ask = withMoments(noWebhooks, { log, replicaOf: this.replicaOf });
    this.#open = new OpenClusters((name) => this.#begin(name), { budgetBytes: 1e9 });
    const server = createServer({
      replicaOf: this.replicaOf,
      defaultCluster: DEFAULT,
      env,
      ask: this.#ask,
      authenticator: staticTokens({ [TOKEN]: { username: ADMIN, groups: ['system:masters'] } }),
      clusterFigures: (of) => figuresOf(log, of, { open: this.#open.kept(of.name) }),
      problem: (message, error) => this.#problem(`api: ${message}`, error),
    });
    this.#fetch = wrapFetch(server.fetch);
  }

  #begin(name: string): Promise<Replica | undefined> {
    const { log } = this;
    const { env } = this.process;
    return openCluster(
      {
        log,
        env,
        admissionPlugins: defaultAdmissionPlugins,
        open: (branch) =>
          Replica.open({
            log: branchLog(log, branch),
            cluster: branch.cluster,
            logName: branch.log,
            env,
            snapshotEvents: 20,
            retentionMs: branch.cluster === ROOT_CLUSTER ? 0 : RETENTION_MS,
            history: { limit: 30 },
          }),
        beginning: { defaultCluster: DEFAULT, objectsOf: (_, now) => bootstrapObjects(now), root: async () => (await this.replicaOf(ROOT_CLUSTER))! },
      },
      name,
    );
  }

  /** Where a cluster has ended, another one may have its name. */
  readonly replicaOf = async (name: string): Promise<Replica | undefined> => {
    const replica = await this.#open.get(name);
    if (!replica || (!replica.isOver && replica.state.offset > 0)) return replica;
    this.#open.forget(name);
    return this.#open.get(name);
  };

  serve(request: Request, target: string): Promise<Response> {
    return this.#fetch(request, { target });
  }

  /** One run of the worker of clusters. Several processes may be at it: what keeps them apart lapses. */
  async settle(): Promise<void> {
    const root = (await this.replicaOf(ROOT_CLUSTER))!;
    const { wrapHost = (host) => host } = this.#options;
    this.#work ??= clustersWorker(
      wrapHost({
        log: this.log,
        env: this.process.env,
        replicaOf: this.replicaOf,
        openReplica: (name) => this.#open.kept(name),
        ended: (name) => this.#open.forget(name),
        reconcilers: async () => clusterReconcilers(),
        problem: (message, error) => this.#problem(message, error),
      }),
    ).on(this.#workedOn(root));
    await this.#orForget(ROOT_CLUSTER, () => this.#work!.run());
  }

  /** What a keeper does to one of the clusters that are open here. */
  async keep(): Promise<void> {
    const name = this.#anyOpen();
    const replica = name && (await this.replicaOf(name));
    if (!replica) return;
    await replica.snapshotIfDue();
    await replica.truncateIfDue();
  }

  /** Tells the subscribers of a cluster, or of one of those that are open here. */
  async tell(name = this.#anyOpen()): Promise<void> {
    const replica = name && name !== ROOT_CLUSTER && (await this.replicaOf(name));
    const { telling, subscribers, wrapTargets = (targets) => targets } = this.#options;
    if (!replica || telling.has(replica.logName)) return;
    telling.add(replica.logName);
    const over = this.process.whenDead(() => telling.delete(replica.logName));
    const work = this.#deliveries.get(replica) ?? new Deliveries(this.#workedOn(replica), wrapTargets(subscribers.targetsOf(this.process)));
    this.#deliveries.set(replica, work);
    try {
      await this.#orForget(replica.cluster, () => work.run());
    } finally {
      over();
      telling.delete(replica.logName);
    }
  }

  /** What failed begins anew from the log. */
  async #orForget(name: string, run: () => Promise<unknown>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#open.forget(name);
      if (name === ROOT_CLUSTER) this.#work = undefined;
      this.#problem(`a worker of ${name}`, error);
    }
  }

  #anyOpen(): string | undefined {
    const { names } = this.#open;
    return names.length > 0 ? this.#options.world.chance.pick(names) : undefined;
  }

  #workedOn(replica: Replica): WorkedOn {
    return { replica, env: this.process.env, admissionPlugins: defaultAdmissionPlugins, ask: this.#ask, wakeIn: async () => undefined };
  }

  /** A log that does not answer explains itself, and so does a cluster that is gone. */
  #problem(where: string, error: unknown): void {
    if (error instanceof LogUnavailable || (error instanceof StatusError && EXPECTED.has(error.code))) return;
    this.#options.problem(where, error);
  }
}

/** It is never asked for. */
const DEFAULT = 'default';
const RETENTION_MS = 120_000;
const EXPECTED = new Set([404, 410, 500, 503, 504]);
