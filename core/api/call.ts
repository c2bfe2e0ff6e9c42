import type { AskPort } from '../admission/ask.ts';
import type { AdmissionPlugin } from '../admission/plugin.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Authorizer } from '../auth/authorizer.ts';
import type { ServiceAccountTokens } from '../auth/service-account-tokens.ts';
import type { Env } from '../env.ts';
import type { User } from '../kube/user.ts';
import type { Offset } from '../log/log.ts';
import type { Replica } from '../replica/replica.ts';
import type { Negotiated } from './codec/negotiate.ts';
import type { Metrics } from './paths/metrics.ts';
import type { Target } from './request/target.ts';
import type { Location } from './request/url.ts';
import type { RequestInfo, ResourceRequest } from './stages/request-info.ts';
import type { FrameCache } from './watch/frame-cache.ts';
import type { SharedTimer } from './watch/shared-timer.ts';
import type { WatchSlots } from './watch/watch-slots.ts';
import type { Write, Written } from './write.ts';

/** What every request may use; the host puts it together (server.ts). */
export interface ApiContext {
  /** The cluster of a name; undefined when there is none. */
  readonly replicaOf: (cluster: string) => Promise<Replica | undefined>;
  readonly env: Env;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  /** In their order; the runners of the reconcilers have the same. */
  readonly admissionPlugins: readonly AdmissionPlugin[];
  /** Has answered what a plugin asks. */
  readonly ask: AskPort;
  /** Issues tokens for service accounts; none: TokenRequests are refused. */
  readonly serviceAccountTokens: ServiceAccountTokens | undefined;
  readonly limits: Limits;
  readonly metrics: Metrics;
  readonly watchSlots: WatchSlots;
  /** What all watches of the process wait with for their time. */
  readonly timer: SharedTimer;
  /** Events as watches send them. */
  readonly frames: FrameCache;
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
  /** How many watches one process serves at once. */
  readonly watches: number;
  /** How much of what was encoded for watches is kept for others that want the same, in bytes. */
  readonly frameBytes: number;
}

/** Another point in time at which a cluster is read: `NAME@4711` or `NAME@2026-11-23T10:00:00Z`. */
export type When = { readonly offset: Offset } | { readonly time: number };

/** One request on its way through the stages of the pipeline. Each stage fills in what the later ones need. */
export class Call {
  readonly api: ApiContext;
  /** Its method, headers, body and signal. Its URL is not what was sent: folding has changed it. */
  readonly request: Omit<Request, 'url'>;
  readonly cluster: string;
  readonly when: When | undefined;
  /** What stands before the path and names the cluster: `/clusters/NAME`; '' for the default cluster. */
  readonly prefix: string;
  /** Without what names the cluster, as it was sent: `/api/v1/pods`. For messages; what is asked for is read from `segments`. */
  readonly path: string;
  /** The parts of the path, each decoded once. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  /** For the client: HTTP `Warning: 299` (API concepts, "Warnings"). */
  readonly warnings: string[] = [];

  /** By `requestInfo`. */
  info!: RequestInfo;
  /** By `authenticate`. */
  user!: User;
  /** By `openCluster`. */
  replica!: Replica;
  /** By `resolve`, when a resource is asked for. */
  target!: Target;
  /** By `negotiate`. */
  format!: Negotiated;

  /** By `readBody`; empty when there is none. */
  body: Uint8Array = new Uint8Array(0);
  /** By `act`, when something is to be changed. */
  write: Write | undefined;
  /** By `append`: what came of each mutation of the write. */
  written: readonly Written[] = [];

  constructor({ api, request, cluster, when, prefix, path, segments, query }: { api: ApiContext; request: Omit<Request, 'url'> } & Location) {
    this.api = api;
    this.request = request;
    this.cluster = cluster;
    this.when = when;
    this.prefix = prefix;
    this.path = path;
    this.segments = segments;
    this.query = query;
  }

  /** What is asked for, once it is known to be a resource. */
  get asked(): ResourceRequest {
    if (this.info.type !== 'resource') throw new Error(`${this.path} is not a resource`);
    return this.info;
  }
}
