import type { ApiResource } from '../../core/apis/api-resource.ts';
import { apisOf } from '../../core/apis/apis.ts';
import type { State } from '../../core/state/state.ts';
import type { Part, Step } from './row.ts';

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly type: string;
}

/** What kubectl would send for a step. */
export function requestsOf(step: Step, state: State): ApiRequest[] {
  const { create = {}, patch = {}, status = {}, condition = {}, approval = {}, resize = {}, ephemeral = {}, scale = {}, deleteAll, evict, drain } = step;
  const at = (name: string, part?: Part) => placeOf(name, state, part?.['apiVersion'] as string | undefined);
  const merge = (name: string, body: unknown, subresource = '') => ({ method: 'PATCH', path: `${at(name).path}${subresource}`, body, type: MERGE_PATCH });
  const mergeLists = (name: string, body: unknown, subresource: string) => ({ ...merge(name, body, subresource), type: STRATEGIC_MERGE_PATCH });
  return [
    ...Object.entries(create).map(([name, part]) => {
      const { resource, apiVersion, namespace, collection, ...place } = at(name, part);
      const metadata = { name: place.name, ...(namespace && { namespace }), ...(part['metadata'] as object) };
      return { method: 'POST', path: collection, body: { apiVersion, kind: resource.kind, ...part, metadata }, type: 'application/json' };
    }),
    ...Object.entries(patch).map(([name, part]) => merge(name, part)),
    ...Object.entries(status).map(([name, part]) => merge(name, part, '/status')),
    ...Object.entries(condition).map(([name, part]) => mergeLists(name, { status: { conditions: [part] } }, '/status')),
    ...Object.entries(approval).map(([name, part]) => merge(name, { status: { conditions: [part] } }, '/approval')),
    ...Object.entries(resize).map(([name, part]) => mergeLists(name, part, '/resize')),
    ...Object.entries(ephemeral).map(([name, part]) => mergeLists(name, part, '/ephemeralcontainers')),
    ...Object.entries(scale).map(([name, replicas]) => merge(name, { spec: { replicas } }, '/scale')),
    ...Object.entries(step.delete ?? {}).map(([name, options]) => ({ method: 'DELETE', path: at(name).path, body: options, type: 'application/json' })),
    ...(deleteAll ? [deletionOf(selectionOf(deleteAll)!, state)] : []),
    ...(evict ? [eviction(placeOf(evict, state))] : []),
    ...(drain ? [merge(`Node/${drain}`, { spec: { unschedulable: true } }), ...evictionsFrom(drain, state)] : []),
  ];
}

const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_MERGE_PATCH = 'application/strategic-merge-patch+json';

/** `kubectl drain --ignore-daemonsets --force` */
const evictionsFrom = (node: string, state: State): ApiRequest[] =>
  state
    .list('pods')
    .filter(({ spec, metadata }) => spec?.nodeName === node && !metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet'))
    .map(({ metadata: { namespace, name } }) => eviction(placeOf(`Pod/${namespace}/${name}`, state)));

const eviction = ({ path, name, namespace }: Place): ApiRequest => ({
  method: 'POST',
  path: `${path}/eviction`,
  body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } },
  type: 'application/json',
});

function deletionOf({ kind, namespace, selector }: Selection, state: State): ApiRequest {
  const { collection } = placeOf(`${kind}/${namespace}/`, state);
  return { method: 'DELETE', path: `${collection}?labelSelector=${encodeURIComponent(selector)}`, body: {}, type: 'application/json' };
}

export interface Selection {
  readonly kind: string;
  readonly namespace: string;
  readonly selector: string;
}

/** What `Kind(app=web)` or `Kind(namespace; app=web)` means; undefined: it is the name of one object. */
export function selectionOf(text: string): Selection | undefined {
  const [, kind, namespace = 'default', selector] = /^(\w+)\((?:([a-z0-9-]+); ?)?(.*)\)$/.exec(text) ?? [];
  return kind === undefined ? undefined : { kind, namespace, selector: selector! };
}

export interface Place {
  readonly resource: ApiResource;
  readonly apiVersion: string;
  readonly namespace: string | undefined;
  readonly name: string;
  /** Of the object, and of what it is created in. */
  readonly path: string;
  readonly collection: string;
}

/** Where the object `Kind/name` or `Kind/namespace/name` is. */
export function placeOf(text: string, state: State, apiVersion?: string): Place {
  const [kind, ...names] = text.split('/') as [string, ...string[]];
  const resource = resourceOf(kind, state, apiVersion);
  const version = apiVersion ?? apiVersionOf(resource);
  const name = names.at(-1)!;
  const namespace = resource.namespaced ? (names.length > 1 ? names[0] : 'default') : undefined;
  const root = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
  const collection = `${root}${namespace ? `/namespaces/${namespace}` : ''}/${resource.resource}`;
  return { resource, apiVersion: version, namespace, name, collection, path: `${collection}/${name}` };
}

/** The resource of a kind, which has one meaning among those that are served. */
export function resourceOf(kind: string, state: State, apiVersion?: string): ApiResource {
  const found = apisOf(state).resources.find((resource) => resource.kind === kind && (!apiVersion || apiVersionsOf(resource).includes(apiVersion)));
  if (!found) throw new Error(`no kind ${kind} is served`);
  return found;
}

const apiVersionsOf = ({ group, versions }: ApiResource): string[] => versions.map(({ version }) => (group ? `${group}/${version}` : version));

const apiVersionOf = (resource: ApiResource): string => apiVersionsOf(resource)[0]!;
