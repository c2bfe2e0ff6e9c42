import { Hono } from 'hono';
import { type AskPort, noWebhooks } from '../admission/ask.ts';
import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import type { AdmissionPlugin } from '../admission/plugin.ts';
import { type Authenticator, anyOf } from '../auth/authenticator.ts';
import type { ClientCertificates } from '../auth/client-certificates.ts';
import type { ClusterCredentials } from '../auth/cluster-credentials.ts';
import type { ServiceAccountTokens } from '../auth/service-account-tokens.ts';
import type { Env } from '../env.ts';
import { Turns } from '../plan/turns.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import type { Replica } from '../replica/replica.ts';
import { type SchedulerProfiles, soleProfile } from '../scheduler/profiles.ts';
import type { Audit } from './audit/audit-trail.ts';
import { type ApiContext, type Limits, SHAPE } from './call.ts';
import { EncodedObjects } from './codec/encoded-objects.ts';
import { Cors } from './cors.ts';
import { Fairness } from './fairness/fairness.ts';
import { Metrics } from './paths/metrics.ts';
import { serve } from './pipeline.ts';
import type { Endpoint } from './request/endpoint.ts';
import type { ClusterFigures } from './request/figures.ts';
import { SentConfigs } from './request/sent-configs.ts';
import type { Page } from './ui/page.ts';
import { FrameCache } from './watch/frame-cache.ts';
import { SharedTimer } from './watch/shared-timer.ts';
import { WatchSlots } from './watch/watch-slots.ts';

export interface ServerOptions {
  /** The cluster of a name; undefined when there is none. */
  readonly replicaOf: (cluster: string) => Promise<Replica | undefined>;
  readonly env: Env;
  readonly authenticator: Authenticator;
  /** The cluster that the root path shows besides `/clusters/NAME`. */
  readonly defaultCluster?: string;
  readonly admissionPlugins?: readonly AdmissionPlugin[];
  /** The schedulers of the clusters; one, with Kubernetes' defaults, unless told. */
  readonly schedulerProfiles?: SchedulerProfiles;
  /** Reaches webhooks. */
  readonly ask?: AskPort;
  /** Makes what works in its clusters, for a plan (plan/reconcilers.ts); without it no plans are made. */
  readonly reconcilers?: () => Promise<readonly Reconciler[]>;
  /** Signs and recognises tokens of service accounts. */
  readonly serviceAccountTokens?: ServiceAccountTokens;
  /** Signs and recognises the credentials of single clusters. */
  readonly clusterCredentials?: ClusterCredentials;
  /** Where clients find this server, as soon as it listens; by the connection, unless told. */
  readonly endpoint?: () => Endpoint | undefined;
  /** What the host knows of a cluster besides what its object says. */
  readonly clusterFigures?: ClusterFigures;
  /** Recognises the certificates that clients show. */
  readonly clientCertificates?: ClientCertificates;
  /** The page at `/ui/`; none unless told. */
  readonly page?: Page;
  /** Regular expressions of the origins whose pages may call; none, unless told (cors-setting.ts). */
  readonly corsOrigins?: readonly string[];
  /** By which policy requests are written down, and where; not at all, unless told. */
  readonly audit?: Audit;
  readonly limits?: Partial<Limits>;
  /** Told of what goes wrong inside: bugs and failing storage, never what a client did wrong. */
  readonly problem: (message: string, error: unknown) => void;
}

const defaultLimits: Limits = {
  // API Gateway takes 10 KB of URL and headers, and clients know of limits of this size.
  urlLength: 16 * 1024,
  bodyBytes: 3 * 1024 * 1024,
  objectBytes: 1.5 * 1024 * 1024,
  watchSeconds: 3600,
  bookmarkSeconds: 60,
  // kube-apiserver has etcd compacted every five minutes: what a token names is gone after five to ten.
  continueSeconds: 600,
  // kube-apiserver's --max-requests-inflight and --max-mutating-requests-inflight together.
  requestsInFlight: 600,
  // Each holds its headers, and a connection.
  requestsWaiting: 5000,
  // An operator has some ten to thirty.
  watches: 2000,
  // Some thousands of pods, or some objects of the largest size.
  frameBytes: 16 * 1024 * 1024,
  // Some 15,000 pods.
  encodedBytes: 48 * 1024 * 1024,
  // Some hundreds of Deployments.
  configBytes: 2 * 1024 * 1024,
};

/**
 * Answers a request. `peer`: the address that its connection comes from, where that is known. `target` is that of the request line as it was sent (`/api/v1/pods?limit=1`): the URL of a Request has lost its dot segments, so that what was sent as
 * `DELETE …/configmaps/%2e` would delete them all. That URL may be anything; no stage looks at it.
 */
export type Fetch = (request: Request, sent: Sent) => Promise<Response>;

export interface Sent {
  readonly target: string;
  /** The address that the connection comes from, where the host knows it. */
  readonly peer?: string | undefined;
  /** The host that the client names, where the host of this server knows it better than the headers: HTTP/2 has it apart. */
  readonly host?: string | undefined;
  /** The certificate, DER, whose key the client of the connection has. Shared by its requests. */
  readonly clientCertificate?: Uint8Array;
  /** The URL of this server as the client called it, without the target: `https://host/stage`. Only where the network vouches for it: what a client says in a header is not it. */
  readonly base?: string;
}

/**
 * The Kubernetes API of many clusters: `/clusters/NAME/…` is one of them as it is, `/clusters/NAME@OFFSET/…` and `/clusters/NAME@TIME/…` as it was, read-only.
 * The same `fetch` serves Lambda and Node. It never rejects.
 */
export function createServer(options: ServerOptions): { fetch: Fetch } {
  const { serviceAccountTokens, clusterCredentials } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const metrics = new Metrics();
  const api: ApiContext = {
    replicaOf: options.replicaOf,
    env: options.env,
    authenticator: anyOf([options.authenticator, serviceAccountTokens, clusterCredentials].filter((authenticator) => authenticator !== undefined)),
    admissionPlugins: options.admissionPlugins ?? defaultAdmissionPlugins,
    schedulerProfiles: options.schedulerProfiles ?? soleProfile(),
    ask: options.ask ?? noWebhooks,
    reconcilers: options.reconcilers,
    planTurns: new Turns(),
    serviceAccountTokens,
    clusterCredentials,
    endpoint: options.endpoint,
    clusterFigures: options.clusterFigures,
    clientCertificates: options.clientCertificates,
    page: options.page,
    cors: new Cors(options.corsOrigins ?? []),
    audit: options.audit && counted(options.audit, metrics),
    limits,
    metrics,
    fairness: new Fairness({ seats: limits.requestsInFlight, waiting: limits.requestsWaiting }),
    watchSlots: new WatchSlots(limits.watches),
    timer: new SharedTimer(options.env.clock),
    frames: new FrameCache(limits.frameBytes),
    encoded: new EncodedObjects(limits.encodedBytes),
    sentConfigs: new SentConfigs(limits.configBytes),
    problem: options.problem,
  };
  const app = new Hono<{ Bindings: Sent }>();
  // One route: the paths of Kubernetes are read by hand (request/request-info.ts), which a router of thousands of patterns would only slow down.
  app.all('*', ({ req, env }) =>
    serve({ ...SHAPE, api, request: req.raw, sent: env.target, connection: env, defaultCluster: options.defaultCluster, warnings: [] }),
  );
  return { fetch: async (request, sent) => app.fetch(request, sent) };
}

const counted = ({ policy, sink }: Audit, metrics: Metrics): Audit => ({
  policy,
  sink: {
    write(event) {
      metrics.audited();
      sink.write(event);
    },
  },
});
