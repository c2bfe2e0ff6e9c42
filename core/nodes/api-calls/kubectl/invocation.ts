import type { ApiResource } from '../../../apis/api-resource.ts';
import { apisOf } from '../../../apis/apis.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { parseLabelSelector } from '../../../kube/selectors.ts';
import { StatusError } from '../../../kube/status.ts';
import { ApiClient, resourceNamed, type Target } from '../api-client.ts';
import type { Caller } from '../caller.ts';
import { Failed, type Outcome, type Waiting } from '../outcome.ts';
import { errorText } from './error-text.ts';
import { manifests } from './manifests.ts';

export type Flags = ReadonlyMap<string, readonly string[]>;

const LETTERS: Readonly<Record<string, string>> = {
  n: 'namespace',
  l: 'selector',
  f: 'filename',
  o: 'output',
  p: 'patch',
  c: 'container',
  k: 'kustomize',
  s: 'server',
  A: 'all-namespaces',
  R: 'recursive',
};
/** Of these `-l` is no selector. */
const LABELLING = new Set(['run', 'expose']);
/** Flags whose value may be a word of its own. */
const VALUED = new Set(
  `
    namespace selector filename output patch container kustomize server context cluster user token kubeconfig as as-group v certificate-authority
    request-timeout from-literal from-file from-env-file from type field-manager patch-file for timeout replicas current-replicas revision to-revision
    image grace-period field-selector template sort-by resource-version cert key schedule clusterrole role serviceaccount verb resource resource-name
    group docker-server docker-username docker-password docker-email port tcp subresource raw env labels annotations restart image-pull-policy overrides
    non-resource-url aggregation-rule min max cpu cpu-percent memory name target-port protocol port-name cluster-ip external-ip session-affinity
  `
    .trim()
    .split(/\s+/),
);

/** One call of kubectl: what it is told, and what it has written and wanted so far. */
export class Invocation {
  readonly command: string | undefined;
  /** The words after the command. */
  readonly words: readonly string[];
  readonly flags: Flags;
  readonly caller: Caller;
  readonly client: ApiClient;
  #output: string | undefined = '';
  readonly #errors: string[] = [];
  readonly #warnings: string[] = [];
  #waiting: Waiting | undefined;

  constructor(args: readonly string[], caller: Caller) {
    ({ command: this.command, words: this.words, flags: this.flags } = Invocation.read(args));
    this.caller = caller;
    this.client = new ApiClient(caller);
  }

  static read(args: readonly string[]): { command: string | undefined; words: readonly string[]; flags: Flags } {
    const all: string[] = [];
    const flags = new Map<string, string[]>();
    for (let i = 0; i < args.length; i++) {
      const arg = args[i]!;
      if (arg === '--') {
        all.push(...args.slice(i + 1));
        break;
      }
      const [, long, short, , equals] = /^(?:--([\w-]+)|-([a-zA-Z])([^=]*))(?:(=.*))?$/s.exec(arg) ?? [];
      if (long === undefined && short === undefined) {
        all.push(arg);
        continue;
      }
      const name = long ?? (short === 'l' && LABELLING.has(all[0] ?? '') ? 'labels' : LETTERS[short!]) ?? short!;
      const attached = short && VALUED.has(name) && arg.length > 2 ? arg.slice(2).replace(/^=/, '') : equals?.slice(1);
      flags.set(name, [...(flags.get(name) ?? []), attached ?? (VALUED.has(name) ? (args[++i] ?? '') : 'true')]);
    }
    const [command, ...words] = all;
    return { command, words, flags };
  }

  flag(name: string): string | undefined {
    return this.flags.get(name)?.at(-1);
  }

  /** Whether a flag is set that is a switch. */
  is(name: string): boolean {
    return this.flags.has(name) && this.flag(name) !== 'false';
  }

  get namespace(): string {
    return this.flag('namespace') ?? this.caller.namespace;
  }

  get isDryRun(): boolean {
    const dryRun = this.flag('dry-run');
    return dryRun !== undefined && dryRun !== 'none';
  }

  write(text: string | undefined): void {
    this.#output = text === undefined || this.#output === undefined ? undefined : this.#output + text;
  }

  /** An error of which it tells, and goes on. Rethrows a bug. */
  fail(error: unknown): void {
    this.#errors.push(`${errorText(error)}\n`);
  }

  /** It tells something, and succeeds all the same. */
  warn(text: string): void {
    this.#warnings.push(`${text}\n`);
  }

  /** What it tells of is not there yet: it waits, as long as that, and fails then. */
  waits(error: string, forMs?: number): void {
    this.#waiting ??= { type: 'waits', error: `${error}\n`, ...(forMs !== undefined && { forMs }) };
  }

  outcome(): Outcome {
    if (this.#waiting && this.#errors.length === 0) return this.#waiting;
    const { mutations, later, looked } = this.client;
    const error = [...this.#warnings, ...this.#errors].join('');
    return { type: 'ended', exitCode: this.#errors.length > 0 ? 1 : 0, output: this.#output, mutations, later, looked, ...(error && { error }) };
  }

  /** Does something for each object, and goes on with the next when that fails. */
  each<T>(all: readonly T[], act: (one: T) => void): void {
    for (const one of all) {
      try {
        act(one);
      } catch (error) {
        this.fail(error);
      }
    }
  }

  /** Throws what kubectl says when there is none. */
  resource(name: string): ApiResource {
    const found = resourceNamed(name, this.caller);
    if (!found) throw new Failed(`error: the server doesn't have a resource type "${name}"`);
    return found;
  }

  target(api: ApiResource, name: string, namespace = this.namespace): Target {
    return { api, name, ...(api.namespaced && { namespace }) };
  }

  /**
   * The objects that words and flags name: `deploy/web sts/db`, `deploy web api`, `pods -l app=web`, `pods --all`, `-f file` (cli-runtime's pkg/resource).
   * Whether those that are named are there is not looked at.
   */
  targets(words: readonly string[] = this.words): Target[] {
    if (this.flags.has('filename')) return this.manifests().map(({ target }) => target);
    const [first, ...names] = words;
    if (first === undefined) throw new Failed('error: You must provide one or more resources by argument or filename.');
    if (words.some((word) => word.includes('/'))) {
      return words.map((word) => {
        const [kind, name, more] = word.split('/');
        if (!kind || !name || more !== undefined)
          throw new Failed('error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form');
        return this.target(this.resource(kind), name);
      });
    }
    const apis = first.split(',').map((kind) => this.resource(kind));
    if (names.length > 0) return apis.flatMap((api) => names.map((name) => this.target(api, name)));
    if (!this.flags.has('selector') && !this.is('all') && this.command !== 'get')
      throw new Failed('error: resource(s) were provided, but no name was specified');
    return apis.flatMap((api) => this.list(api).map(({ metadata }) => this.target(api, metadata.name, metadata.namespace)));
  }

  list(api: ApiResource): KubeObject[] {
    const selector = this.flag('selector');
    const namespace = api.namespaced && !this.is('all-namespaces') ? { namespace: this.namespace } : {};
    return this.client.list({ api, ...namespace }, selector === undefined ? undefined : parseLabelSelector(selector));
  }

  /** The objects of `-f`, with where each of them is to be. */
  manifests(): { object: KubeObject; target: Target; source: string }[] {
    return manifests(this.flags.get('filename') ?? [], { ...this.caller, command: this.command }).map(({ object, source }) => {
      const { apiVersion = '', kind = '' } = object;
      const api = resourceOf(object, this.caller);
      if (!api) {
        const [group, version] = apiVersion.includes('/') ? (apiVersion.split('/') as [string, string]) : ['', apiVersion];
        throw new Failed(
          `error: resource mapping not found for name: "${object.metadata?.name ?? ''}" namespace: "${object.metadata?.namespace ?? ''}" from "${source}": no matches for kind "${kind}" in version "${group ? `${group}/` : ''}${version}"\nensure CRDs are installed first`,
        );
      }
      const namespace = object.metadata?.namespace ?? this.namespace;
      const target = this.target(api, object.metadata?.name ?? '', namespace);
      if (api.namespaced && this.flags.has('namespace') && object.metadata?.namespace && object.metadata.namespace !== this.namespace) {
        throw new Failed(
          `error: the namespace from the provided object "${object.metadata.namespace}" does not match the namespace "${this.namespace}". You must pass '--namespace=${object.metadata.namespace}' to perform this operation.`,
        );
      }
      return { object: api.namespaced ? { ...object, metadata: { ...object.metadata, namespace } } : object, target, source };
    });
  }
}

const resourceOf = ({ apiVersion, kind }: KubeObject, { state }: Pick<Caller, 'state'>): ApiResource | undefined => apisOf(state).ofKind(apiVersion, kind);

/** An error of the API with where that which it is about stands. */
export function withSource(error: unknown, what: string): unknown {
  if (!(error instanceof StatusError)) return error;
  return new StatusError({ ...error.status, message: `${what}: ${error.status.message}` });
}

/** As kubectl prints an object's name: `deployment.apps/web`. */
export const printedName = ({ api: { kind, group }, name }: Pick<Target, 'api' | 'name'>): string => `${kind.toLowerCase()}${group ? `.${group}` : ''}/${name}`;
