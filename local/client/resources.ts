import type { ApiClient } from './api-client.ts';
import { Refused } from './api-client.ts';

/** A resource that a cluster serves, in the version that it prefers. */
export interface ServedResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly verbs: readonly string[];
}

/** `deployments.apps`, `pods` */
export const groupResourceOf = ({ group, resource }: ServedResource): string => (group ? `${resource}.${group}` : resource);

/** `deployment.apps/web`, as kubectl names objects. */
export const nameOfObject = ({ group, kind }: Pick<ServedResource, 'group' | 'kind'>, name: string): string =>
  `${kind.toLowerCase()}${group ? `.${group}` : ''}/${name}`;

/** The path of a resource, in a namespace where it has any, and of an object of it. */
export function pathOf({ group, version, resource, namespaced }: ServedResource, namespace?: string, name?: string): string {
  const base = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const within = namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${base}${within}/${resource}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}

/** What a cluster serves, as of when it was asked; each group in its preferred version, others by `ofKind`. */
export class Resources {
  readonly #preferred: readonly ServedResource[];
  readonly #all: readonly ServedResource[];

  constructor(all: readonly ServedResource[]) {
    const first = new Map<string, ServedResource>();
    for (const resource of all) {
      const key = groupResourceOf(resource);
      if (!first.has(key)) first.set(key, resource);
    }
    this.#all = all;
    this.#preferred = [...first.values()];
  }

  get preferred(): readonly ServedResource[] {
    return this.#preferred;
  }

  ofKind(apiVersion: string, kind: string): ServedResource | undefined {
    return this.#all.find((resource) => resource.kind === kind && (resource.group ? `${resource.group}/${resource.version}` : resource.version) === apiVersion);
  }

  /** By what people type, as kubectl reads it: `deployments`, `deployment`, `deploy`, `Deployment`, each also with `.apps` or the start of its group. Throws an Error. */
  named(text: string): ServedResource {
    const [name = '', ...groupParts] = text.toLowerCase().split('.');
    const group = groupParts.join('.');
    const found = this.#preferred.find(
      (resource) => namesOf(resource).includes(name) && (group === '' || resource.group === group || resource.group.startsWith(`${group}.`)),
    );
    if (!found) throw new Error(`the server doesn't have a resource type ${JSON.stringify(text)}`);
    return found;
  }
}

const namesOf = ({ resource, singular, kind, shortNames }: ServedResource): string[] => [resource, singular, kind.toLowerCase(), ...shortNames];

/** Asks a cluster what it serves (Kubernetes documentation, "Kubernetes API", "Aggregated discovery"; Kubernetes has it since 1.27). Throws `Refused`, `Unreachable`. */
export async function discover(client: ApiClient): Promise<Resources> {
  const [core, others] = await Promise.all(['/api', '/apis'].map((path) => client.get<DiscoveryList>(path, { accept: DISCOVERY })));
  return new Resources([core!, others!].flatMap(({ items }) => (items ?? []).flatMap(resourcesOf)));
}

const DISCOVERY =
  'application/json;v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList,application/json;v=v2beta1;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList';

interface DiscoveryList {
  readonly items?: readonly GroupDiscovery[];
}

interface GroupDiscovery {
  readonly metadata?: { readonly name?: string };
  readonly versions?: readonly { readonly version: string; readonly resources?: readonly ResourceDiscovery[] }[];
}

interface ResourceDiscovery {
  readonly resource: string;
  readonly responseKind?: { readonly kind: string };
  readonly scope: 'Cluster' | 'Namespaced';
  readonly singularResource?: string;
  readonly shortNames?: readonly string[];
  readonly verbs?: readonly string[];
}

const resourcesOf = ({ metadata, versions = [] }: GroupDiscovery): ServedResource[] =>
  versions.flatMap(({ version, resources = [] }) =>
    resources.map(({ resource, responseKind, scope, singularResource = '', shortNames = [], verbs = [] }) => ({
      group: metadata?.name ?? '',
      version,
      resource,
      kind: responseKind?.kind ?? '',
      singular: singularResource || (responseKind?.kind ?? '').toLowerCase(),
      namespaced: scope === 'Namespaced',
      shortNames,
      verbs,
    })),
  );

/** An object that was named on the command line, and where it is. */
export interface NamedObject {
  readonly resource: ServedResource;
  readonly name: string;
  /** None of what is in no namespace. */
  readonly namespace: string | undefined;
  readonly path: string;
}

/** `KIND/NAME`. Throws an Error where it is not one, or the cluster has no such kind. */
export async function namedObject(text: string, client: ApiClient, resources?: Resources): Promise<NamedObject> {
  const [kind, name, ...rest] = text.split('/');
  if (!kind || !name || rest.length > 0) throw new Error(`${JSON.stringify(text)} is no KIND/NAME, such as pod/web-0 or deployment.apps/web`);
  const resource = (resources ?? (await discover(client))).named(kind);
  const namespace = resource.namespaced ? (client.namespace ?? 'default') : undefined;
  return { resource, name, namespace, path: pathOf(resource, namespace, name) };
}

/** What is asked of a cluster's own API is answered with this by a server that is none of Logplane's, or of another version. */
export async function withoutOwnApi(error: unknown, client: ApiClient): Promise<unknown> {
  const isMissing = error instanceof Refused && error.status.code === 404 && error.status.details?.name === undefined;
  if (!isMissing) return error;
  const version = (await versionOf(client)) ?? (await versionOf(client.default));
  if (version === undefined) return error;
  const which = version.includes('logplane')
    ? `${client.server} is of another version (${version}) and does not serve this: run the logplane that is installed with it`
    : `${client.server} (${client.source}) is Kubernetes ${version}, and no Logplane cluster: choose one with --kubeconfig or --context`;
  return new Error(which, { cause: error });
}

const versionOf = (client: ApiClient): Promise<string | undefined> =>
  client.get<{ gitVersion?: string }>('/version').then(
    ({ gitVersion }) => gitVersion,
    () => undefined,
  );
