import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { AskPort } from '../core/admission/ask.ts';
import { defaultAdmissionPlugins } from '../core/admission/default-plugins.ts';
import type { AdmissionPlugin } from '../core/admission/plugin.ts';
import type { Audit } from '../core/api/audit/audit-trail.ts';
import type { Figures } from '../core/api/request/figures.ts';
import { createServer, type Fetch } from '../core/api/server.ts';
import { Page } from '../core/api/ui/page.ts';
import { Sessions } from '../core/api/ui/sessions.ts';
import { anyOf } from '../core/auth/authenticator.ts';
import { ClientCertificates } from '../core/auth/client-certificates.ts';
import { ClusterCredentials } from '../core/auth/cluster-credentials.ts';
import { type ControlPlaneKeys, controlPlaneKeys, trustedAuthorities } from '../core/auth/control-plane-keys.ts';
import type { EksCluster } from '../core/auth/eks/eks-cluster-setting.ts';
import { foreignUsers } from '../core/auth/foreign-users.ts';
import type { HttpsGet } from '../core/auth/https-get.ts';
import type { AuthenticationConfiguration } from '../core/auth/oidc/authentication-configuration.ts';
import { ServiceAccountTokens } from '../core/auth/service-account-tokens.ts';
import { staticTokens } from '../core/auth/static-tokens.ts';
import { objectsOf } from '../core/bootstrap/cluster-shape.ts';
import { setRate } from '../core/clusters/clock.ts';
import { clusterReconcilers } from '../core/clusters/cluster-reconcilers.ts';
import { clustersWorker } from '../core/clusters/clusters-worker.ts';
import { figuresOf } from '../core/clusters/figures.ts';
import { withMoments } from '../core/clusters/moments.ts';
import { type Opening, openCluster } from '../core/clusters/open-cluster.ts';
import { ClusterWork } from '../core/clusters/passing-time.ts';
import { quotaStatuses } from '../core/decide/quota-statuses.ts';
import type { Env } from '../core/env.ts';
import { epochMs } from '../core/instant.ts';
import { ROOT_CLUSTER } from '../core/kube/cluster-name.ts';
import { branchLog } from '../core/log/branch-log.ts';
import { type Branch, clusterOfLog } from '../core/log/branches.ts';
import type { Offset } from '../core/log/event.ts';
import type { EventLog } from '../core/log/log.ts';
import type { Reconciler } from '../core/reconcile/reconciler.ts';
import { reconciling, type Worker } from '../core/reconcile/worker.ts';
import { OpenClusters } from '../core/replica/open-clusters.ts';
import { Replica } from '../core/replica/replica.ts';
import type { SchedulerProfiles } from '../core/scheduler/profiles.ts';
import { subscriptionsWorker } from '../core/subscriptions/worker.ts';
import { httpsGet } from '../core/webhooks/https-get.ts';
import type { WebhookServices } from '../core/webhooks/services-setting.ts';
import { webhooks } from '../core/webhooks/webhooks.ts';
import { type Certificates, certificates } from './certificates.ts';
import { HostWork, type OpenCluster } from './host-work.ts';
import { httpsServer, type Patience } from './https-server.ts';
import { giveBackMemoryWhenIdle } from './idle-memory.ts';
import { LogWatch } from './log-watch.ts';
import { isOwnHost, pageFiles } from './page-files.ts';
import type { Secrets } from './secrets.ts';

interface HostOptions {
  /** Locked by this process: it is the only writer. */
  readonly log: EventLog;
  readonly env: Env;
  readonly secrets: Secrets;
  /** Where the server's certificates are kept; none: they end with the process. */
  readonly pkiDir?: string | undefined;
  /** 0: any free one. None: requests come through `fetch` alone. */
  readonly port?: number;
  /** Where it listens; 127.0.0.1, unless told. */
  readonly address?: string;
  /** How many nodes a new cluster gets. */
  readonly nodes: number;
  /** Its nodes are EC2 instances of this type, and it looks as EKS makes it; a plain one unless told. */
  readonly instanceType?: string;
  /** Whether a new plain cluster has metrics-server. */
  readonly metricsServer?: boolean;
  /** How long an Event stays after its last write; 0: for ever. Default: an hour. */
  readonly eventTtlMs?: number;
  /** How long the past can be read at least; 0, unless told: for ever. */
  readonly retentionMs?: number;
  /** How much memory the clusters that are open may take together; a gibibyte unless told. */
  readonly budgetBytes?: number;
  /** At which rate the time of that cluster goes: so many ms in each ms of real time. As it did before, unless told. */
  readonly clockRate?: number;
  /** The cluster that the root path shows, and that is made if there is none. */
  readonly cluster: string;
  /** The origins whose pages may call; none, unless told. */
  readonly corsOrigins?: readonly string[];
  /** Whose tokens are good besides the host's own. */
  readonly authentication?: AuthenticationConfiguration;
  /** As which cluster of EKS users of AWS may know `cluster`. */
  readonly eksCluster?: EksCluster;
  /** Asks issuers and STS; over HTTPS, unless told. */
  readonly get?: HttpsGet;
  readonly patience?: Patience;
  /** Requests that are served at the same time, of all clients but administrators; 600, unless told. */
  readonly maxRequestsInFlight?: number;
  /** By which policy requests are audited, and where to; not at all, unless told. */
  readonly audit?: Audit;
  /** What every writer's changes go through, in this order; those of Kubernetes unless told. */
  readonly admissionPlugins?: readonly AdmissionPlugin[];
  /** The schedulers; one, with Kubernetes' defaults, unless told. */
  readonly schedulerProfiles?: SchedulerProfiles;
  /** The queues, topics, event buses and functions of AWS that subscriptions may tell, as they name them; none, unless told: the credentials of the process are not those of its users. */
  readonly subscriptionTargets?: readonly string[];
  /** Where Services are that webhooks are called by, unless the cluster says so itself. */
  readonly webhookServices?: WebhookServices;
  /** Reaches webhooks; over HTTPS, unless told. */
  readonly ask?: AskPort;
  /** Whether it collects garbage at once when it is idle (`idle-memory.ts`), unless told: yes. A process that is not the host's own is left alone. */
  readonly givesBackMemory?: boolean;
  /** Told of what goes wrong inside: bugs and failing storage, never what a client did wrong. */
  readonly problem: (message: string, error?: unknown) => void;
}

/** The whole of Logplane in one process: API server, scheduler, controllers and node agents on one state per cluster. */
export class Host {
  readonly #options: HostOptions;
  readonly #workers: readonly Worker[];
  readonly #admission: { readonly admissionPlugins: readonly AdmissionPlugin[]; readonly ask: AskPort };
  readonly #stop = new AbortController();
  readonly #watch: LogWatch;
  readonly #clusters: OpenClusters<OpenCluster>;
  readonly #work: HostWork;
  readonly #consuming: Promise<void>[] = [];
  #requests = 0;
  readonly #sessions: Sessions;
  readonly #opened = Promise.withResolvers<void>();
  #https: ReturnType<typeof httpsServer> | undefined;
  #certificates: Certificates | undefined;
  readonly #keysOf: (cluster: string) => ControlPlaneKeys;
  /** Answers API requests without a network. */
  readonly fetch: Fetch;

  private constructor(options: HostOptions) {
    this.#options = options;
    this.#keysOf = controlPlaneKeys(options.secrets.signingKey);
    this.#workers = [...this.#reconcilers().map(reconciling), subscriptionsOf(options), this.#clustersWorker()];
    const {
      admissionPlugins = defaultAdmissionPlugins,
      ask = webhooks({ clock: options.env.clock, allowsPrivate: true, ...(options.webhookServices && { services: options.webhookServices }) }),
    } = options;
    const looking = { log: options.log, replicaOf: (name: string) => this.replica(name) };
    this.#admission = { admissionPlugins, ask: withMoments(ask, looking) };
    this.#clusters = new OpenClusters((name, like) => this.#openCluster(name, like), { budgetBytes: options.budgetBytes ?? BUDGET_BYTES });
    const { clock } = options.env;
    this.#watch = new LogWatch(options.log, { clock, problem: options.problem, recovered: () => this.#wakeAll(), signal: this.#stop.signal });
    this.#work = new HostWork({
      workers: this.#workers,
      env: options.env,
      admission: this.#admission,
      open: (name) => this.#clusters.get(name),
      isLogFailing: () => this.#watch.failing,
      problem: options.problem,
      signal: this.#stop.signal,
    });
    const { token, otherTokens, signingKey, previousSigningKeys } = options.secrets;
    const serviceAccountTokens = new ServiceAccountTokens({ key: signingKey, previousKeys: previousSigningKeys });
    const { authentication, eksCluster, cluster, get = httpsGet({ clock, allowsPrivate: true }), problem } = options;
    this.#sessions = new Sessions({ user: ADMIN, secret: () => randomBytes(32).toString('base64url'), now: () => options.env.clock.now() });
    const administrators = staticTokens(Object.fromEntries([token, ...otherTokens].map((token) => [token, ADMIN])));
    const { fetch } = createServer({
      page: new Page({
        files: pageFiles,
        sessions: this.#sessions,
        isOwnHost,
        mayHaveCode: async (token) => (await administrators.authenticate(token, { cluster, now: options.env.clock.now() })) !== undefined,
      }),
      replicaOf: (name) => this.replica(name),
      defaultCluster: options.cluster,
      ...(options.corsOrigins && { corsOrigins: options.corsOrigins }),
      ...(options.audit && { audit: options.audit }),
      ...(options.schedulerProfiles && { schedulerProfiles: options.schedulerProfiles }),
      ...(options.maxRequestsInFlight !== undefined && { limits: { requestsInFlight: options.maxRequestsInFlight } }),
      env: options.env,
      ...this.#admission,
      // Events stay in plans, as they say what went wrong.
      reconcilers: async () => this.#reconcilers(0),
      authenticator: anyOf([
        administrators,
        foreignUsers({ authentication, eksCluster, defaultCluster: cluster, ownIssuer: serviceAccountTokens.issuer, get, problem }),
      ]),
      serviceAccountTokens,
      clusterCredentials: new ClusterCredentials({ key: signingKey, previousKeys: previousSigningKeys }),
      endpoint: () => (this.#https ? { url: this.url, ca: this.ca } : undefined),
      clusterFigures: (of) => this.#figuresOf(of),
      clientCertificates: new ClientCertificates(trustedAuthorities([signingKey, ...previousSigningKeys])),
      problem,
    });
    // The port is bound first, so that a second host is refused at once; requests that come that early wait until the clusters are read.
    this.fetch = async (request, sent) => {
      this.#requests++;
      await this.#opened.promise;
      return fetch(request, sent);
    };
  }

  /** Opens the clusters of the log, starts their reconcilers and listens on 127.0.0.1. Rejects with EADDRINUSE when the port is taken. */
  static async start(options: HostOptions): Promise<Host> {
    const host = new Host(options);
    if (options.port !== undefined) await host.listen(options.port);
    try {
      await host.#open();
    } catch (error) {
      await host.close();
      throw error;
    }
    return host;
  }

  /** The certificate of the authority that signed the server's, PEM. */
  get ca(): string {
    return this.#certificates?.ca ?? this.#keysOf(this.#options.cluster).authority.certificate;
  }

  get token(): string {
    return this.#options.secrets.token;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#https!.server.address() as AddressInfo).port}`;
  }

  get isListening(): boolean {
    return this.#https !== undefined;
  }

  /** A link that signs in to the page, once and for a short time. */
  signInUrl(): string {
    return `${this.url}/ui/?code=${this.#sessions.code()}`;
  }

  async #open(): Promise<void> {
    const { cluster, clockRate } = this.#options;
    const replica = (await this.replica(cluster))!;
    if (clockRate !== undefined) await setRate(replica, clockRate);
    this.#opened.resolve();
    this.#consuming.push(...this.#work.consume());
    if (this.#options.givesBackMemory ?? true) giveBackMemoryWhenIdle({ activity: () => this.#requests + this.#work.runs, signal: this.#stop.signal });
    // What was under way when the process before this one ended goes on.
    await this.#wakeAll();
  }

  #tellWhenAhead(replica: Replica): void {
    if (replica.aheadMinutes === 0) return;
    const time = new Date(replica.now()).toISOString();
    this.#options.problem(`in cluster ${replica.cluster} it is ${time}, as the clock was ahead when it was last written to; its time goes on from there`);
  }

  async #wakeAll(): Promise<void> {
    for (const { cluster } of await this.#options.log.branches.list()) this.#work.wakeAll(cluster);
  }

  /** The one replica of a cluster in this process. Undefined when there is no such cluster. */
  async replica(name: string): Promise<Replica | undefined> {
    return (await this.#clusters.get(name))?.replica;
  }

  /** Reconcilers for one of its clusters, besides those that run there anyway: for time that passes in it. */
  workOf(replica: Replica): ClusterWork {
    return new ClusterWork({ replica, env: this.#options.env, ...this.#admission }, this.#reconcilers());
  }

  /** Resolves once the scheduler, the controllers and the nodes of a cluster have nothing to do now. What waits for a time is not waited for; nor is anything once the host is closed. */
  settled(cluster: string): Promise<void> {
    return this.#work.settled(cluster);
  }

  async #openCluster(name: string, like: OpenCluster | undefined): Promise<OpenCluster | undefined> {
    const { env, cluster: defaultCluster } = this.#options;
    const opening: Opening = {
      log: this.#watch.log,
      env,
      ...this.#admission,
      open: (branch) => this.#openReplica(branch, like?.replica),
      beginning: {
        defaultCluster,
        objectsOf: (nodes = this.#options.nodes, now) => objectsOf({ ...this.#options, nodes }, now),
        root: async () => (await this.replica(ROOT_CLUSTER))!,
      },
    };
    const replica = await openCluster(opening, name);
    if (!replica) return undefined;
    this.#tellWhenAhead(replica);
    return {
      replica,
      works: new Map(),
      get bytes() {
        return replica.bytes;
      },
    };
  }

  async #openReplica(branch: Branch, like: Replica | undefined): Promise<Replica> {
    const { env, retentionMs = 0 } = this.#options;
    const appended = (offset: Offset) => this.#work.wakeups.appended(branch.log, offset, replica.state);
    const parent = branch.base.at(-1);
    const open = parent && this.#clusters.kept(clusterOfLog(parent.log))?.replica;
    const replica: Replica = await Replica.open({
      log: branchLog(this.#watch.log, branch),
      cluster: branch.cluster,
      logName: branch.log,
      env,
      exclusive: true,
      retentionMs,
      appended,
      closing: quotaStatuses(env),
      ...(open && open.logName === parent.log && { from: { replica: open, at: parent.upTo } }),
      ...(like && { like: like.state }),
    });
    return replica;
  }

  /** What works in its clusters, made anew. */
  #reconcilers(eventTtlMs = this.#options.eventTtlMs): readonly Reconciler[] {
    return clusterReconcilers({ profiles: this.#options.schedulerProfiles, keysOf: this.#keysOf, eventTtlMs });
  }

  #clustersWorker(): Worker {
    const { log, env, problem } = this.#options;
    return clustersWorker({
      reconcilers: async () => this.#reconcilers(),
      log,
      env,
      replicaOf: (name) => this.replica(name),
      openReplica: (name) => this.#clusters.kept(name)?.replica,
      ended: (name) => {
        this.#clusters.forget(name);
        this.#work.forget(name);
      },
      problem,
    });
  }

  async #figuresOf({ name, log }: { name: string; log: string }): Promise<Figures> {
    const open = this.#clusters.kept(name)?.replica;
    return figuresOf(this.#options.log, { name, log }, { open: open?.logName === log ? open : undefined, reconcilers: this.#work.failuresOf(name) });
  }

  /** Stops taking requests, ends watches, lets running passes finish and closes the log. */
  async close(): Promise<void> {
    this.#stop.abort();
    const closed = this.#https && new Promise<void>((resolve) => this.#https!.server.close(() => resolve()));
    this.#https?.closeConnections();
    await Promise.all([closed, ...this.#consuming]);
    await this.#options.log.close();
  }

  /** Listens on a port; 0: any free one. Rejects with EADDRINUSE when it is taken. */
  async listen(port: number): Promise<void> {
    const { pkiDir: dir, cluster, env, patience, address = '127.0.0.1' } = this.#options;
    this.#certificates = certificates({ dir, now: epochMs(env.clock.now()), authority: this.#keysOf(cluster).authority });
    const https = httpsServer({ fetch: this.fetch, certificates: this.#certificates, ...(patience && { patience }) });
    this.#https = https;
    await new Promise<void>((resolve, reject) => {
      https.server.once('error', reject);
      https.server.listen(port, address, () => resolve());
    });
  }
}

const BUDGET_BYTES = 1_024 ** 3;

const ADMIN = { username: 'logplane-admin', groups: ['system:masters', 'system:authenticated'] };

const subscriptionsOf = ({ env, subscriptionTargets = [] }: HostOptions): Worker =>
  subscriptionsWorker(async () =>
    (await import('../core/subscriptions/targets/targets.ts')).targetsOf({
      clock: env.clock,
      allowsPrivate: true,
      reaches: (name) => subscriptionTargets.includes(name),
    }),
  );
