import type { AskPort } from '../admission/ask.ts';
import type { AdmissionPlugin } from '../admission/plugin.ts';
import type { Authentication, Authenticator } from '../auth/authenticator.ts';
import type { Attributes } from '../auth/authorizer.ts';
import type { ClientCertificates } from '../auth/client-certificates.ts';
import type { ClusterCredentials } from '../auth/cluster-credentials.ts';
import type { Impersonation } from '../auth/impersonation.ts';
import type { ServiceAccountTokens } from '../auth/service-account-tokens.ts';
import type { Env } from '../env.ts';
import type { User } from '../kube/user.ts';
import type { Offset } from '../log/event.ts';
import type { Turns } from '../plan/turns.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import type { Replica } from '../replica/replica.ts';
import type { SchedulerProfiles } from '../scheduler/profiles.ts';
import type { State } from '../state/state.ts';
import type { Audit, AuditTrail } from './audit/audit-trail.ts';
import type { EncodedObjects } from './codec/encoded-objects.ts';
import type { Negotiated } from './codec/negotiate.ts';
import type { Cors } from './cors.ts';
import type { Fairness } from './fairness/fairness.ts';
import type { Metrics } from './paths/metrics.ts';
import type { Endpoint } from './request/endpoint.ts';
import type { ClusterFigures } from './request/figures.ts';
import type { RequestInfo, ResourceRequest } from './request/request-info.ts';
import type { SentConfigs } from './request/sent-configs.ts';
import type { Target } from './request/target.ts';
import type { Location } from './request/url.ts';
import type { Page } from './ui/page.ts';
import type { FrameCache } from './watch/frame-cache.ts';
import type { SharedTimer } from './watch/shared-timer.ts';
import type { WatchSlots } from './watch/watch-slots.ts';

/** What every request may use; the host puts it together (server.ts). */
export interface ApiContext {
  /** The cluster of a name; undefined when there is none. */
  readonly replicaOf: (cluster: string) => Promise<Replica | undefined>;
  readonly env: Env;
  readonly authenticator: Authenticator;
  /** In their order; the runners of the reconcilers have the same. */
  readonly admissionPlugins: readonly AdmissionPlugin[];
  /** The schedulers of its clusters: those that run there. */
  readonly schedulerProfiles: SchedulerProfiles;
  /** Has answered what a plugin asks. */
  readonly ask: AskPort;
  /** What works in its clusters, anew for each plan; none: no plans are made. */
  readonly reconcilers: (() => Promise<readonly Reconciler[]>) | undefined;
  readonly planTurns: Turns;
  /** Issues tokens for service accounts; none: TokenRequests are refused. */
  readonly serviceAccountTokens: ServiceAccountTokens | undefined;
  /** Issues and recognises the credentials of single clusters; none: none are. */
  readonly clusterCredentials: ClusterCredentials | undefined;
  /** Where clients find this server, where it knows that. */
  readonly endpoint: (() => Endpoint | undefined) | undefined;
  /** What is known here of a cluster besides what its object says. */
  readonly clusterFigures: ClusterFigures | undefined;
  /** Recognises the certificates that clients show; none: none is taken. */
  readonly clientCertificates: ClientCertificates | undefined;
  /** The page that is served at `/ui/`; none: there is none. */
  readonly page: Page | undefined;
  /** Which pages of other origins may call. */
  readonly cors: Cors;
  /** None: nothing is audited. */
  readonly audit: Audit | undefined;
  readonly limits: Limits;
  readonly metrics: Metrics;
  /** Who is served when too many ask at once. */
  readonly fairness: Fairness;
  readonly watchSlots: WatchSlots;
  /** What all watches of the process wait with for their time. */
  readonly timer: SharedTimer;
  /** Events as watches send them. */
  readonly frames: FrameCache;
  /** Objects as lists and the beginnings of watches send them. */
  readonly encoded: EncodedObjects;
  /** What was applied last. */
  readonly sentConfigs: SentConfigs;
  /** Told of what goes wrong inside: bugs and failing storage, never what a client did wrong. */
  readonly problem: (message: string, error: unknown) => void;
}

export interface Limits {
  /** The longest URL, in characters: what is parsed of it (selectors, names, tokens of lists) is bounded by it too. */
  readonly urlLength: number;
  /** The largest body of a request, in bytes. */
  readonly bodyBytes: number;
  /** The largest object, in bytes of JSON. */
  readonly objectBytes: number;
  /** How long a watch may last, in seconds, whatever it asks for: what carries it may end before. */
  readonly watchSeconds: number;
  /** How often a watch gets a bookmark, in seconds. */
  readonly bookmarkSeconds: number;
  /** For how long the pages of a list can be read, in seconds, while the cluster goes on. */
  readonly continueSeconds: number;
  /** How many requests one process serves at once, of all clusters together: what FlowSchemas and priority levels divide. Those of administrators are not counted. */
  readonly requestsInFlight: number;
  /** How many of those that are too many wait for their turn. */
  readonly requestsWaiting: number;
  /** How many watches one process serves at once. */
  readonly watches: number;
  /** How much of what was encoded for watches is kept for others that want the same, in bytes. */
  readonly frameBytes: number;
  /** How much of what was encoded for lists is kept for others that want the same, in bytes. */
  readonly encodedBytes: number;
  /** How much of what was applied last is kept for when it is applied again, in bytes of text. */
  readonly configBytes: number;
}

/**
 * One request on its way through the pipeline (pipeline.ts). It grows: each stage adds what it found, and each of these types says how far it has come. A stage or a
 * handler takes the least that it needs.
 */
export interface ReceivedCall {
  readonly api: ApiContext;
  /** Its method, headers, body and signal. Its URL is not what was sent: folding has changed it. */
  readonly request: Omit<Request, 'url'>;
  /** The target of its request line, as it was sent. */
  readonly sent: string;
  /** What is known of the connection that it came by: the address of its other end, where the host knows it. */
  readonly connection: {
    readonly peer?: string | undefined;
    readonly host?: string | undefined;
    readonly clientCertificate?: Uint8Array;
    readonly base?: string;
  };
  /** The cluster that the root path shows, if any. */
  readonly defaultCluster: string | undefined;
  /** For the client: HTTP `Warning: 299` (API concepts, "Warnings"). */
  readonly warnings: string[];
}

/** It has an id. */
export interface NamedCall extends ReceivedCall {
  readonly auditID: string;
}

/** Its URL was read. */
export interface LocatedCall extends NamedCall, Location {
  readonly info: RequestInfo;
  /** What is written down of it; none where nothing is audited. */
  readonly audit: AuditTrail | undefined;
}

/** Its token is one of ours, by its signature. */
export interface AuthenticatedCall extends LocatedCall {
  readonly authentication: Authentication;
  /** The user to impersonate, when its headers name one. */
  readonly impersonation: Impersonation | undefined;
}

/** Its cluster is there, and as new as the request needs it. */
export interface ClusterCall extends AuthenticatedCall {
  readonly replica: Replica;
  /** By this state it is decided who the user is and what they may do, and from it reads are answered (request/reading.ts). */
  readonly state: State;
  /** The log was read to its end for this request: `state` is the newest. */
  readonly caughtUp: boolean;
  /** Which log `state` is of (`replica.restores`). */
  readonly restores: number;
}

/** Its token is good, and its user may do what is asked. */
export interface AuthorizedCall extends ClusterCall {
  readonly bearer: User;
  /** Who makes the request: the bearer of the token, or the user that the bearer impersonates. */
  readonly user: User;
  /** What is asked, as it was authorized. */
  readonly attributes: Attributes;
  /** The offset at which the cluster is shown, when its URL names one or a time. */
  readonly end: Offset | undefined;
}

/** It asks for a resource that is served. */
export interface ReadCall extends AuthorizedCall {
  readonly info: ResourceRequest;
  readonly target: Target;
  /** The form of the answer. */
  readonly format: Negotiated;
}

/** What a watch needs of its call for as long as it lasts. The state is not in it: it would be kept for as long, with all that was replaced since. */
export type WatchCall = Pick<ReadCall, 'api' | 'request' | 'warnings' | 'cluster' | 'path' | 'query' | 'replica' | 'restores' | 'end' | 'target' | 'format'>;

/** Its body is here. */
export interface WriteCall extends ReadCall {
  /** Empty when there is none. */
  readonly body: Uint8Array;
}

/**
 * Every field that a call may come to have, up to what the last stages make of it. A call that begins with all of them keeps its shape while they are filled in; of an object
 * that grows by so many V8 makes a hash table, and each look at it costs more.
 */
export const SHAPE: { readonly [field in keyof WriteCall | 'flow' | 'write' | 'written']: undefined } = {
  api: undefined,
  request: undefined,
  sent: undefined,
  connection: undefined,
  defaultCluster: undefined,
  warnings: undefined,
  auditID: undefined,
  cluster: undefined,
  when: undefined,
  prefix: undefined,
  path: undefined,
  segments: undefined,
  query: undefined,
  info: undefined,
  audit: undefined,
  authentication: undefined,
  impersonation: undefined,
  replica: undefined,
  state: undefined,
  caughtUp: undefined,
  restores: undefined,
  bearer: undefined,
  user: undefined,
  flow: undefined,
  attributes: undefined,
  end: undefined,
  target: undefined,
  format: undefined,
  body: undefined,
  write: undefined,
  written: undefined,
};
