import { withoutSecrets } from '../../core/api/changes/without-secrets.ts';

import { fieldsOf } from '../../core/kube/fields.ts';
import { type KubeObject, same } from '../../core/kube/object.ts';
import { type Difference, differencesOf } from '../../core/state/differences.ts';
import { type ApiClient, Refused } from '../client/api-client.ts';
import { discover, groupResourceOf, nameOfObject, pathOf, type ServedResource } from '../client/resources.ts';
import type { Row } from '../columns.ts';

interface What {
  readonly namespace?: string | undefined;
  readonly kinds?: readonly string[] | undefined;
  /** Whether statuses are compared too. */
  readonly status: boolean;
}

interface Points {
  readonly before: ApiClient;
  readonly after: ApiClient;
}

interface DifferentObject {
  readonly change: 'created' | 'changed' | 'deleted';
  /** `deployment.apps/web` */
  readonly name: string;
  readonly namespace?: string;
  /** Of one that was changed. */
  readonly fields?: readonly Difference[];
}

interface Differences {
  /** What was compared, each with the offset at which it was read. */
  readonly from: string;
  readonly to: string;
  readonly objects: readonly DifferentObject[];
  /** Of which kinds there is too much, or which may not be read. */
  readonly notCompared: readonly string[];
}

/** What differs between two clusters, or two moments of one. Each is read at one offset. Throws what they refuse, and an Error for kinds that there are not. */
export async function differencesBetween(
  { before, after }: Points,
  { namespace, kinds, status }: What,
  { secrets }: { readonly secrets: boolean },
): Promise<Differences> {
  const [from, to] = await Promise.all([pinned(before), pinned(after)]);
  const [was, is] = await Promise.all([discover(from), discover(to)]);
  const chosen = kinds?.map((kind) => is.named(kind)) ?? is.preferred.filter(isCompared);
  // What only the first one served is compared too: a definition may be gone.
  const gone = kinds
    ? []
    : was.preferred.filter((resource) => isCompared(resource) && !is.preferred.some((other) => groupResourceOf(other) === groupResourceOf(resource)));
  const objects: DifferentObject[] = [];
  const notCompared: string[] = [];
  for (const resource of [...chosen, ...gone]) {
    if (namespace !== undefined && !resource.namespaced) continue;
    const path = pathOf(resource, namespace);
    try {
      const [old, now] = await Promise.all([objectsAt(path, from), objectsAt(path, to)]);
      objects.push(...compared(resource, old, now, { status, secrets }));
    } catch (error) {
      if (!(error instanceof Refused && error.status.code === 403) && !(error instanceof TooMany)) throw error;
      notCompared.push(`${groupResourceOf(resource)}: ${error.message}`);
    }
  }
  return { from: from.shownAs, to: to.shownAs, objects, notCompared };
}

/** The cluster at the offset that it has now, so that all lists are of one moment; of one that is no Logplane cluster, as it is. */
async function pinned(client: ApiClient): Promise<ApiClient> {
  const { metadata } = await client.get<{ metadata: { resourceVersion?: string } }>('/api/v1/namespaces?limit=1');
  if (!/^\d+$/.test(metadata.resourceVersion ?? '')) return client;
  return client.of(`${client.clusterName}@${metadata.resourceVersion}`);
}

/** What nobody asked for changes all the time, or is a record of changes itself. */
const isCompared = (resource: ServedResource): boolean =>
  resource.verbs.includes('list') &&
  resource.verbs.includes('create') &&
  resource.group !== 'logplane.dev' &&
  !['events', 'events.events.k8s.io', 'leases.coordination.k8s.io', 'endpoints', 'endpointslices.discovery.k8s.io'].includes(groupResourceOf(resource));

class TooMany extends Error {
  override readonly name = 'TooMany';
}

interface Page {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly continue?: string };
  readonly items: readonly KubeObject[];
}

/** Throws `TooMany`. */
async function objectsAt(path: string, client: ApiClient): Promise<Map<string, KubeObject>> {
  const found = new Map<string, KubeObject>();
  let token: string | undefined;
  do {
    const target: string = `${path}?limit=500${token === undefined ? '' : `&continue=${encodeURIComponent(token)}`}`;
    const page = await client.get<Page>(target).catch((error): Page => {
      // A kind that is not served there.
      if (error instanceof Refused && error.status.code === 404) return { apiVersion: '', kind: '', items: [], metadata: {} };
      throw error;
    });
    for (const item of page.items)
      found.set(`${item.metadata.namespace ?? ''}/${item.metadata.name}`, { ...item, apiVersion: page.apiVersion, kind: page.kind.replace(/List$/, '') });
    token = page.metadata.continue || undefined;
    if (token !== undefined && found.size >= MOST_OBJECTS) throw new TooMany(`there are more than ${MOST_OBJECTS}: name a namespace`);
  } while (token !== undefined);
  return found;
}

const MOST_OBJECTS = 5_000;

interface Shown {
  readonly status: boolean;
  readonly secrets: boolean;
}

function compared(
  resource: ServedResource,
  old: ReadonlyMap<string, KubeObject>,
  now: ReadonlyMap<string, KubeObject>,
  { status, secrets }: Shown,
): DifferentObject[] {
  const groupResource = groupResourceOf(resource);
  const named = ({ metadata: { name, namespace } }: KubeObject) => ({ name: nameOfObject(resource, name), ...(namespace !== undefined && { namespace }) });
  const found: DifferentObject[] = [];
  for (const [key, object] of now) {
    if (groupResource === 'configmaps' && OF_EACH_CLUSTER.has(object.metadata.name)) continue;
    const previous = old.get(key);
    if (!previous) {
      found.push({ change: 'created', ...named(object) });
      continue;
    }
    const [was, is] = [told(previous, status), told(object, status)];
    if (same(was, is)) continue;
    const differences = differencesOf({ type: 'MODIFIED', object: is, previous: was });
    const fields = differences.map((difference) => {
      const { path, from, to } = secrets ? difference : withoutSecrets(groupResource, difference);
      return { path, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    });
    if (fields.length > 0) found.push({ change: 'changed', ...named(object), fields });
  }
  for (const [key, object] of old) if (!now.has(key)) found.push({ change: 'deleted', ...named(object) });
  return found;
}

/** Every cluster, a fork too, has a certificate authority of its own, which these publish. */
const OF_EACH_CLUSTER: ReadonlySet<string> = new Set(['kube-root-ca.crt', 'extension-apiserver-authentication']);

/** The object without what changes with any change of it. */
function told(object: KubeObject, withStatus: boolean): KubeObject {
  const { resourceVersion: _, generation: _g, managedFields: _m, ...metadata } = object.metadata;
  const { status, ...rest } = fieldsOf(object);
  return { ...rest, metadata, ...(withStatus && status !== undefined && { status }) } as KubeObject;
}

/** A row for each object, and for each field of one that was changed. */
export const differenceRows = (objects: readonly DifferentObject[]): Row[] =>
  objects.flatMap(({ change, name, namespace, fields = [] }) => {
    const object = `${name}${namespace === undefined ? '' : ` -n ${namespace}`}`;
    const texts = fields.map(({ path, from, to }) =>
      from === undefined ? `${path} becomes ${shown(to)}` : to === undefined ? `${path} goes, was ${shown(from)}` : `${path} ${shown(from)} → ${shown(to)}`,
    );
    const [first = '', ...others] = texts;
    return [[change, object, first], ...others.map((text) => ['', '', text])];
  });

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

const LONGEST = 200;
