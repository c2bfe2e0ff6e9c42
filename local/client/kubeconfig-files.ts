import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { using } from '../using-file.ts';

/** Which cluster, as kubectl is told it. */
export interface KubeconfigChoice {
  /** A file; those of `$KUBECONFIG`, unless told. */
  readonly kubeconfig?: string | undefined;
  /** A context of it; the current one, unless told. */
  readonly context?: string | undefined;
}

/** Where kubeconfigs are looked for. */
export interface KubeconfigPlaces {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The directory that the local host's `.logplane/kubeconfig` is looked for in; none: it is not looked for, as kubectl does not. */
  readonly cwd?: string | undefined;
}

/** A context of kubeconfigs, with all that it names. */
export interface KubeContext {
  readonly name: string;
  /** What was read, for messages. */
  readonly source: string;
  readonly cluster: KubeCluster;
  readonly user: KubeUser;
  readonly namespace: string | undefined;
  /** The directory of the file that the cluster is in, and of that which the user is in: what relative paths are relative to. */
  readonly clusterDir: string;
  readonly userDir: string;
}

/** client-go: clientcmd/api/v1, Cluster. */
export interface KubeCluster {
  readonly server: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'tls-server-name'?: string;
  readonly 'proxy-url'?: string;
}

/** client-go: clientcmd/api/v1, AuthInfo. */
export interface KubeUser {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
  readonly username?: string;
  readonly password?: string;
  readonly as?: string;
  readonly 'as-uid'?: string;
  readonly 'as-groups'?: readonly string[];
  readonly 'as-user-extra'?: Readonly<Record<string, readonly string[]>>;
  readonly exec?: ExecPlugin;
  readonly 'auth-provider'?: { readonly name: string };
}

/** client-go: clientcmd/api/v1, ExecConfig. */
export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly installHint?: string;
  readonly provideClusterInfo?: boolean;
  readonly interactiveMode?: 'Never' | 'IfAvailable' | 'Always';
}

/** There is no kubeconfig, or not the context that is asked for. Its message says what to do. */
export class NoCluster extends Error {
  override readonly name = 'NoCluster';
}

/**
 * The files that say which cluster is meant: that which is named; those of `$KUBECONFIG`; what the local host has written in this directory; `~/.kube/config`. The first of these that is there.
 */
export function kubeconfigFiles({ kubeconfig }: KubeconfigChoice, { env, cwd }: KubeconfigPlaces): readonly string[] {
  if (kubeconfig !== undefined) return [kubeconfig];
  const listed = (env['KUBECONFIG'] ?? '').split(path.delimiter).filter((file) => file !== '');
  if (listed.length > 0) return listed;
  const local = cwd === undefined ? undefined : path.join(cwd, '.logplane', 'kubeconfig');
  if (local !== undefined && existsSync(local)) return [local];
  return [homeKubeconfig(env)];
}

/** `~/.kube/config` */
export const homeKubeconfig = (env: KubeconfigPlaces['env']): string => path.join(env['HOME'] || homedir(), '.kube', 'config');

/**
 * The context that is meant, by kubectl's rules (Kubernetes documentation, "Organizing Cluster Access Using kubeconfig Files"): of several files the first that has a name has it, and the first
 * that sets the current context; files of `$KUBECONFIG` may be missing. Throws `NoCluster`, and an Error that names a file that is no kubeconfig.
 */
export function contextOf(choice: KubeconfigChoice, places: KubeconfigPlaces): KubeContext {
  const files = kubeconfigFiles(choice, places);
  const configs = files.filter((file) => existsSync(file)).map(readKubeconfig);
  const source = files.join(path.delimiter);
  if (configs.length === 0) throw new NoCluster(`there is no kubeconfig (${source}): start a cluster here with logplane up, or name one with --kubeconfig`);
  const current = choice.context ?? configs.map((config) => config['current-context']).find((name) => name);
  const known = configs.flatMap(({ contexts }) => contexts.map(({ name }) => name));
  const choices = known.length > 0 ? `it has ${known.join(', ')}: choose one with --context` : 'it has no contexts';
  if (!current) throw new NoCluster(`${source}: there is no current context; ${choices}`);
  const context = find(configs, 'contexts', current)?.entry.context;
  if (!context) throw new NoCluster(`${source}: there is no context ${JSON.stringify(current)}; ${choices}`);
  const cluster = find(configs, 'clusters', context.cluster);
  if (!cluster?.entry.cluster?.server) throw new NoCluster(`${source}: the context ${JSON.stringify(current)} names no cluster with a server`);
  const user = context.user === undefined ? undefined : find(configs, 'users', context.user);
  if (context.user && !user)
    throw new NoCluster(`${source}: the context ${JSON.stringify(current)} names the user ${JSON.stringify(context.user)}, who is not in it`);
  return {
    name: current,
    source,
    cluster: cluster.entry.cluster,
    user: user?.entry.user ?? {},
    namespace: context.namespace || undefined,
    clusterDir: path.dirname(path.resolve(cluster.file)),
    userDir: path.dirname(path.resolve(user?.file ?? cluster.file)),
  };
}

interface Kubeconfig {
  readonly file: string;
  readonly 'current-context'?: string;
  readonly contexts: readonly { readonly name: string; readonly context?: { readonly cluster: string; readonly user?: string; readonly namespace?: string } }[];
  readonly clusters: readonly { readonly name: string; readonly cluster?: KubeCluster }[];
  readonly users: readonly { readonly name: string; readonly user?: KubeUser }[];
}

type Part = 'contexts' | 'clusters' | 'users';

function find<P extends Part>(configs: readonly Kubeconfig[], part: P, name: string): { entry: Kubeconfig[P][number]; file: string } | undefined {
  for (const config of configs) {
    const entry = (config[part] as readonly Kubeconfig[P][number][]).find((each) => each.name === name);
    if (entry) return { entry, file: config.file };
  }
  return undefined;
}

function readKubeconfig(file: string): Kubeconfig {
  const text = using(file, () => readFileSync(file, 'utf8'));
  let parsed: unknown;
  try {
    parsed = parse(text) ?? {};
  } catch (error) {
    throw new Error(`${file} is no kubeconfig: ${(error as Error).message.split('\n')[0]}`);
  }
  if (typeof parsed !== 'object' || Array.isArray(parsed)) throw new Error(`${file} is no kubeconfig`);
  const list = (part: Part): never[] => {
    const value = (parsed as Record<string, unknown>)[part] ?? [];
    if (!Array.isArray(value)) throw new Error(`${file} is no kubeconfig: ${part} is no list`);
    return value as never[];
  };
  return { ...parsed, file, contexts: list('contexts'), clusters: list('clusters'), users: list('users') };
}
