// What `logplane/testing` exports, as its users see it. The package's testing.d.ts is this file (scripts/testing-types.ts): it imports nothing.

/** What a cluster begins with, and where it is. */
export interface StartOptions {
  /** How many nodes it has; 3 unless told. */
  readonly nodes?: number;
  /** `plain`: nodes and nothing else. `eks`: as Amazon EKS makes it, with its add-ons and storage classes. Plain, unless told. */
  readonly profile?: 'plain' | 'eks';
  /** Of which EC2 instance type the nodes of an EKS cluster are; `m5.large` unless told. */
  readonly instanceType?: string;
  /** Whether a plain cluster has metrics-server. */
  readonly metricsServer?: boolean;
  /** A port of 127.0.0.1 to listen on at once, 0 for any free one. Without it the cluster has none until its `url` or `kubeconfig` is asked for. */
  readonly port?: number;
  /** A folder to keep the cluster in. Without it the cluster is in memory, and ends with `stop`. */
  readonly data?: string;
  /** Told of what goes wrong inside the control plane. On standard error, unless told. */
  readonly problem?: (message: string, error?: unknown) => void;
}

/**
 * A Kubernetes cluster in this process: API server, scheduler, controllers and nodes whose containers are simulated. Several may run at once. What the cluster refuses is thrown as an
 * Error with the message of its Status, and with that as `status`.
 */
export interface TestCluster {
  /** `default`, or the name of a fork. */
  readonly name: string;
  /** The URL of its API server, on 127.0.0.1; the first to ask opens a port. */
  readonly url: Promise<string>;
  /** A kubeconfig for an administrator, as text; the first to ask opens a port. */
  readonly kubeconfig: Promise<string>;
  /** The certificate of the authority that its clients trust, PEM. */
  readonly ca: string;
  /** The administrator's token. */
  readonly token: string;
  /** Its newest resourceVersion. `fork({ at })` takes it. */
  readonly offset: number;
  /** Its time, which goes as real time does until it is told otherwise. */
  readonly clock: TestClock;

  /** Writes a kubeconfig that only the owner may read, and resolves to its path. */
  writeKubeconfig(path: string): Promise<string>;

  /**
   * One request to its API, without a network. A path (`/api/v1/pods`) is one of this cluster, and so is that of any other URL. The administrator's token is added where there is no
   * `authorization`. Watches are streams, as from the network.
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;

  /**
   * Applies manifests, as `kubectl apply` does: YAML or JSON as text, the path of a file or a folder, or objects. What is no manifest is refused before anything is applied; of manifests
   * that the cluster refuses all are told, and the others are applied.
   */
  apply(manifests: string | URL | object | readonly object[]): Promise<readonly Applied[]>;

  /** An object; undefined: there is none. `kind` is what kubectl takes: `Deployment`, `deployments`, `deploy`, `widgets.example.com`. Namespace `default`, unless told. */
  get<T = KubernetesObject>(kind: string, name: string, options?: { readonly namespace?: string }): Promise<T | undefined>;

  /** All objects of a kind, of all namespaces unless told. */
  list<T = KubernetesObject>(kind: string, options?: ListOptions): Promise<T[]>;

  /** Deletes an object, as kubectl does. Resolves to whether there was one. */
  delete(kind: string, name: string, options?: { readonly namespace?: string }): Promise<boolean>;

  /** What has changed, oldest first: who did it, and which change it answers to. */
  changes(options?: ChangesOptions): Promise<Change[]>;

  /**
   * Resolves once all workloads are ready: those applied, and those that controllers and operators have made by then. Rejects when one cannot become ready, and after `timeout`
   * (30 s unless told), with what is not ready and why.
   */
  untilReady(options?: ReadyOptions): Promise<void>;

  /** Looks again whenever the cluster changes, and some times a second, until `condition` gives something that is neither false nor undefined nor null; resolves to that. Rejects after `timeout`. */
  until<T>(condition: () => T | Promise<T>, options?: UntilOptions): Promise<NonNullable<T>>;

  /** Resolves once the scheduler, the controllers and the nodes have nothing to do now. What waits for a later time is not waited for. */
  settled(): Promise<void>;

  /** A cluster that shares this one's history up to `at` and goes its own way from there: an offset, a time, a bookmark or `start`; now, unless told. */
  fork(options?: ForkOptions): Promise<TestCluster>;

  /** Ends it, with its forks, its port and its timers; a fork ends alone. What is done before is done again without harm. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The time of a cluster. Durations are ms, or text such as `3h`, `1h30m` or `500ms`. */
export interface TestClock {
  /** What time it is there. */
  now(): Date;
  /**
   * Puts the time forward, from each moment at which something is due to the next, and resolves once all that is due by then is done: a CronJob has all its runs. Of more than 31 days the
   * beginning is one step, after which all that was due is late, as after an outage. Time does not go back.
   */
  advance(duration: string | number): Promise<void>;
  /** So many seconds there in each second here; 0: time stands still. */
  rate(rate: number): Promise<void>;
  /** Time stands still, and with it all that takes some: containers do not start, deadlines do not come, until the time is advanced or goes on. */
  pause(): Promise<void>;
  /** Time goes on as it did before it was paused. */
  resume(): Promise<void>;
}

export interface Applied {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly outcome: 'created' | 'configured' | 'unchanged';
}

export interface ListOptions {
  readonly namespace?: string;
  /** As of kubectl: `app=web,tier!=cache`. */
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface ChangesOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  /** As of `kubectl get changes`: `resource=deployments.apps,name=web,type=MODIFIED`, `actor`, `cause`, `from`, `to`. */
  readonly fieldSelector?: string;
}

export interface ReadyOptions extends UntilOptions {
  /** These alone, such as `deployment/web`. */
  readonly of?: string | readonly string[];
  /** Of this namespace alone; where `of` stands in it, unless told: `default`. */
  readonly namespace?: string;
}

export interface UntilOptions {
  /** In ms, or as text such as `30s`. 30 s of real time, unless told. */
  readonly timeout?: string | number;
  /** What is waited for: for the message. */
  readonly what?: string;
}

export interface ForkOptions {
  readonly at?: number | string | Date;
  /** Its name; `fork-1` and so on, unless told. */
  readonly name?: string;
}

/** An object as the API gives it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly ownerReferences?: readonly { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly uid: string }[];
  };
  // biome-ignore lint/suspicious/noExplicitAny: what else is in it is of its kind, which who asks knows
  readonly [field: string]: any;
}

/** One change of one object: a Change of the group logplane.dev. */
export interface Change extends KubernetesObject {
  readonly offset: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** When, RFC 3339. */
  readonly time: string;
}

export type StartCluster = (options?: StartOptions) => Promise<TestCluster>;
