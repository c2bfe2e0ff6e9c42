import path from 'node:path';
import { parse } from 'yaml';
import { parseGoDuration } from '../core/kube/go-duration.ts';
import type { ApiClient } from './client/api-client.ts';
import { contextOf, type KubeconfigChoice, type KubeconfigPlaces } from './client/kubeconfig-files.ts';
import { withoutOwnApi } from './client/resources.ts';
import { UsageError } from './run-verb.ts';

/** One context with all that it names, as v1 Config. */
export interface Kubeconfig {
  readonly apiVersion: 'v1';
  readonly kind: 'Config';
  readonly clusters: readonly [{ readonly name: string; readonly cluster: { readonly server: string } }];
  readonly users: readonly [{ readonly name: string; readonly user: object }];
  readonly contexts: readonly [{ readonly name: string; readonly context: object }];
  readonly 'current-context': string;
}

interface Wanted {
  /** That of the client, unless told. */
  readonly cluster: string | undefined;
  /** How the context is called. */
  readonly called: string | undefined;
  /** For whom new credentials are made; those of the context are used, unless told. */
  readonly user: string | undefined;
  readonly groups: readonly string[];
  /** For how long they are good: `8h`. */
  readonly expires: string;
}

interface Origin {
  readonly choice: KubeconfigChoice;
  readonly places: KubeconfigPlaces;
}

/** A kubeconfig for a cluster of the client's host. Throws what the cluster refuses: 404 where there is no such cluster. */
export async function kubeconfigFor({ cluster, called, user, groups, expires }: Wanted, given: ApiClient, { choice, places }: Origin): Promise<Kubeconfig> {
  const client = cluster === undefined ? given : given.of(cluster);
  const name = called ?? `logplane-${cluster ?? given.clusterName}`;
  if (user !== undefined) return renamed(await credentialsFor(client, { user, groups, seconds: secondsOf(expires) }), name, client);
  // A cluster that is not there is better told now than by kubectl.
  await client.get('/version').catch(async (error) => {
    throw await withoutOwnApi(error, client);
  });
  const context = contextOf(choice, places);
  const absolute = (fields: object, dir: string) => withAbsolutePaths(fields, dir);
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { ...absolute(context.cluster, context.clusterDir), server: client.server } }],
    users: [{ name, user: absolute(context.user, context.userDir) }],
    contexts: [{ name, context: { cluster: name, user: name, ...(client.namespace !== undefined && { namespace: client.namespace }) } }],
    'current-context': name,
  };
}

function secondsOf(duration: string): number {
  const ms = parseGoDuration(duration);
  if (ms === undefined || ms < 1_000) throw new UsageError(`--expires ${duration}: a duration is needed, such as 8h`);
  return Math.floor(ms / 1_000);
}

async function credentialsFor(client: ApiClient, { user, groups, seconds }: { user: string; groups: readonly string[]; seconds: number }): Promise<Kubeconfig> {
  const root = client.of('root');
  const spec = { user, groups, expirationSeconds: seconds };
  const path = `/apis/logplane.dev/v1/clusters/${encodeURIComponent(client.clusterName)}/credentials?format=kubeconfig`;
  const body = JSON.stringify({ apiVersion: 'logplane.dev/v1', kind: 'ClusterCredentials', spec });
  const text = await root.text('POST', path, body, { 'content-type': 'application/json' }).catch(async (error) => {
    throw await withoutOwnApi(error, root);
  });
  return parse(text) as Kubeconfig;
}

function renamed({ clusters, users }: Kubeconfig, name: string, { namespace }: ApiClient): Kubeconfig {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ ...clusters[0], name }],
    users: [{ ...users[0], name }],
    contexts: [{ name, context: { cluster: name, user: name, ...(namespace !== undefined && { namespace }) } }],
    'current-context': name,
  };
}

const PATHS = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];

/** Relative paths are relative to the file that they stand in. */
function withAbsolutePaths(fields: object, dir: string): object {
  const absolute = (name: string, value: unknown) => (PATHS.includes(name) && typeof value === 'string' ? path.resolve(dir, value) : value);
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, absolute(name, value)]));
}
