import type { Status } from '../../core/kube/status.ts';

/** Carries a request to an API server: over a network, or within the process. Throws `Unreachable`. */
export type Transport = (request: ApiRequest) => Promise<ApiAnswer>;

export interface ApiRequest {
  readonly method: string;
  /** Path and query, after the server's URL. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
}

/** What a cluster has refused: the message of its Status. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: Status;

  constructor(status: Status) {
    super(status.message);
    this.status = status;
  }
}

/** A cluster that does not answer, or not as one. Its message says what to do. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

interface ClientOptions {
  /** The URL of the host, without a path of a cluster: `https://127.0.0.1:7443`. */
  readonly host: string;
  /** The path of the cluster below it: `/clusters/NAME@120`, or nothing. */
  readonly path: string;
  /** What is not told a namespace is in this one. */
  readonly namespace: string | undefined;
  readonly transport: Transport;
  /** The kubeconfig and its context, for messages. */
  readonly source: string;
}

/** A cluster, as the verbs of the command line ask it. */
export class ApiClient {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Its URL. */
  get server(): string {
    return `${this.#options.host}${this.#options.path}`;
  }

  get source(): string {
    return this.#options.source;
  }

  /** That of the kubeconfig's context, or of `--namespace`; none: neither tells one. */
  get namespace(): string | undefined {
    return this.#options.namespace;
  }

  /** Another cluster of the same host: `NAME`, or `NAME@AT`. */
  of(cluster: string): ApiClient {
    return new ApiClient({ ...this.#options, path: `/clusters/${encodeURIComponent(cluster).replaceAll('%40', '@').replaceAll('%3A', ':')}` });
  }

  /** The same cluster, and what is not told a namespace in this one. */
  inNamespace(namespace: string): ApiClient {
    return new ApiClient({ ...this.#options, namespace });
  }

  /** The cluster that the host's own URL shows. */
  get default(): ApiClient {
    return new ApiClient({ ...this.#options, path: '' });
  }

  /** As users name it: `default`, `try@120`. */
  get shownAs(): string {
    const [, name] = /^\/clusters\/([^/]+)/.exec(this.#options.path) ?? [];
    return name === undefined ? 'default' : decodeURIComponent(name);
  }

  /** The name of the cluster, without a moment. */
  get clusterName(): string {
    const [, name] = /^\/clusters\/([^/@]+)/.exec(this.#options.path) ?? [];
    return name === undefined ? 'default' : decodeURIComponent(name);
  }

  /** Sends a request and returns the object of the answer. Throws `Refused` and `Unreachable`. */
  async send<T = unknown>(method: string, target: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<T> {
    const sent = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const text = await this.text(method, target, sent, {
      accept: 'application/json',
      ...(sent !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    });
    return this.#parsed(text) as T;
  }

  get<T = unknown>(target: string, headers?: Readonly<Record<string, string>>): Promise<T> {
    return this.send('GET', target, undefined, headers);
  }

  /** Sends a request and returns the text of the answer. Throws `Refused` and `Unreachable`. */
  async text(method: string, target: string, body?: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    const { transport, path } = this.#options;
    const { status, text } = await transport({ method, target: `${path}${target}`, headers, body });
    if (status >= 300) throw new Refused(this.#statusIn(text, status));
    return text;
  }

  #parsed(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw new Unreachable(`${this.server} does not answer as the API of a cluster does: is ${this.source} of another server?`);
    }
  }

  #statusIn(text: string, code: number): Status {
    let status: Partial<Status> = {};
    try {
      status = JSON.parse(text) as Partial<Status>;
    } catch {
      // Kubernetes answers a path that it does not serve with a plain text.
      if (code === 404) return { kind: 'Status', status: 'Failure', code, message: 'the server could not find the requested resource' } as Status;
      throw new Unreachable(`${this.server} does not answer as the API of a cluster does (HTTP ${code}): is ${this.source} of another server?`);
    }
    return { ...status, code, message: status.message ?? `HTTP ${code}` } as Status;
  }
}
