import { manifestOf } from '../core/api/export/manifest.ts';
import { isMadeByOthers, isOfEveryCluster, NOT_EXPORTED, rankOf } from '../core/api/export/portable.ts';
import { SIMULATED } from '../core/apis/core/node-agent.ts';
import { MAX_STEPS, type Step, type Transaction } from '../core/apis/logplane/transaction.ts';
import { type Fields, fieldsOf, objectOf } from '../core/kube/fields.ts';
import type { KubeObject } from '../core/kube/object.ts';
import type { Node } from '../core/schema/generated/kinds.ts';
import { type ApiClient, Refused } from './client/api-client.ts';
import { discover, groupResourceOf, pathOf, type Resources, type ServedResource, withoutOwnApi } from './client/resources.ts';
import { nameOfManifest } from './manifests.ts';
import { secretNames } from './secret-names.ts';

/** What of a source is taken. */
export interface ImportOptions {
  /** Only of these namespaces; all, unless told. */
  readonly namespaces: readonly string[];
  /** Of Secrets also what is in them; their names, unless told. */
  readonly secrets: boolean;
  /** Nodes too, as they are. */
  readonly nodes: boolean;
  /** Resources that are left out: `deployments.apps`. */
  readonly exclude: readonly string[];
}

/** What would be brought into a cluster, in this order, and how much of the source is not, and why. */
export interface ImportPlan {
  readonly steps: readonly Step[];
  /** `Deployment`: how many. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly leftOut: Readonly<Record<string, number>>;
  /** As many as it takes: each is whole, and done or not. */
  readonly transactions: readonly (readonly Step[])[];
}

interface Found {
  readonly groupResource: string;
  readonly resource: ServedResource;
  readonly object: KubeObject;
}

/** Reads what a live cluster holds, as far as it can be taken elsewhere. Values of Secrets are not even asked for, unless they are wanted. Throws what the source refuses. */
export async function readCluster(source: ApiClient, { secrets, nodes, namespaces }: ImportOptions): Promise<KubeObject[]> {
  const resources = await discover(source);
  const wanted = resources.preferred.filter(
    (resource) => isListed(resource) && (!NOT_EXPORTED.has(groupResourceOf(resource)) || (nodes && groupResourceOf(resource) === 'nodes')),
  );
  const objects: KubeObject[] = [];
  for (const resource of wanted) {
    const byNames = groupResourceOf(resource) === 'secrets' && !secrets;
    const places = resource.namespaced && namespaces.length > 0 ? namespaces : [undefined];
    for (const namespace of places) objects.push(...(await listAll(resource, namespace, { source, byNames })));
  }
  return objects;
}

const isListed = ({ verbs, group }: ServedResource): boolean =>
  verbs.includes('list') && verbs.includes('create') && group !== 'logplane.dev' && group !== 'metrics.k8s.io';

async function listAll(
  resource: ServedResource,
  namespace: string | undefined,
  { source, byNames }: { source: ApiClient; byNames: boolean },
): Promise<KubeObject[]> {
  const apiVersion = resource.group ? `${resource.group}/${resource.version}` : resource.version;
  const accept = byNames ? 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' : 'application/json';
  const objects: KubeObject[] = [];
  let token = '';
  do {
    const query = `limit=${PAGE}${token && `&continue=${encodeURIComponent(token)}`}`;
    const list = await source.get<{ metadata: { continue?: string }; items: KubeObject[] }>(`${pathOf(resource, namespace)}?${query}`, { accept });
    objects.push(...list.items.map((item) => objectOf({ ...fieldsOf(item), apiVersion, kind: resource.kind })));
    token = list.metadata.continue ?? '';
  } while (token);
  return objects;
}

const PAGE = 500;

/** What of some objects would be brought into a cluster. Throws what the cluster refuses. */
export async function planImport(
  objects: readonly KubeObject[],
  { namespaces, secrets, nodes, exclude }: ImportOptions,
  target: ApiClient,
): Promise<ImportPlan> {
  const served = await discover(target);
  const leftOut = new Counts();
  const taken: Found[] = [];
  const defined = objects.filter(({ kind }) => kind === 'CustomResourceDefinition').map((object) => fieldsOf(object) as unknown as Definition);
  for (const object of objects) {
    const resource = resourceOf(object, served, defined);
    const groupResource = resource && groupResourceOf(resource);
    const { namespace } = object.metadata;
    const reason =
      groupResource === undefined
        ? `${object.kind}: the cluster does not serve ${object.apiVersion}`
        : exclude.includes(groupResource)
          ? `${object.kind}: excluded`
          : namespaces.length > 0 && !namespaces.includes(namespace ?? (object.kind === 'Namespace' ? object.metadata.name : ''))
            ? 'of other namespaces, or of none'
            : reasonAgainst(groupResource, object, nodes);
    if (reason !== undefined) leftOut.add(reason);
    else taken.push({ groupResource: groupResource!, resource: resource!, object });
  }
  const ordered = taken.sort((a, b) => rank(a) - rank(b));
  const steps: Step[] = [];
  const kinds = new Counts();
  const keysOf = secretNames(ordered.map(({ object }) => object));
  const there = nodes ? new Set((await target.get<{ items: Node[] }>('/api/v1/nodes')).items.map(({ metadata }) => metadata.name)) : new Set<string>();
  for (const { groupResource, object } of ordered) {
    if (groupResource === 'nodes' && there.has(object.metadata.name)) {
      leftOut.add('Node: of that name there is one already');
      continue;
    }
    const manifest =
      groupResource === 'secrets' && !secrets ? keysOf(object) : groupResource === 'nodes' ? nodeOf(object as Node) : manifestOf(groupResource, object);
    if (!manifest) {
      leftOut.add(`${object.kind}: of no use elsewhere`);
      continue;
    }
    kinds.add(object.kind);
    const wanted = objectOf(manifest);
    steps.push(
      groupResource === 'nodes' ? { create: { object: wanted, fieldManager: MANAGER } } : { apply: { object: wanted, fieldManager: MANAGER, force: true } },
    );
  }
  return { steps, kinds: kinds.sorted, leftOut: leftOut.sorted, transactions: inTransactions(steps) };
}

const MANAGER = 'logplane-import';

function reasonAgainst(groupResource: string, object: KubeObject, nodes: boolean): string | undefined {
  if (groupResource === 'nodes' && nodes) return undefined;
  if (NOT_EXPORTED.has(groupResource)) return `${object.kind}: of its cluster alone`;
  if (isMadeByOthers(object)) return `${object.kind}: made by its controller again`;
  if (isOfEveryCluster(groupResource, object, undefined)) return 'what every cluster has';
  // They would be called, and refuse everything: what they are served by does not run here.
  if (/^(validating|mutating)webhookconfigurations\./.test(groupResource)) return `${object.kind}: what it calls does not run here`;
  return undefined;
}

const rank = ({ groupResource, resource }: Found): number =>
  rankOf({ groupResource, namespaced: resource.namespaced, ...(isCustom(resource) && { custom: true }) });

const isCustom = ({ group }: ServedResource): boolean => group.includes('.') && !group.endsWith('.k8s.io');

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly scope: 'Namespaced' | 'Cluster';
    readonly versions: readonly { readonly name: string }[];
  };
}

/** What the cluster serves, or will once the definitions that come first are there. */
function resourceOf({ apiVersion, kind }: KubeObject, served: Resources, defined: readonly Definition[]): ServedResource | undefined {
  const found = served.ofKind(apiVersion, kind);
  if (found) return found;
  const [group = '', version = ''] = apiVersion.split('/');
  const definition = defined.find(({ spec }) => spec.group === group && spec.names.kind === kind && spec.versions.some(({ name }) => name === version));
  if (!definition) return undefined;
  const { names, scope } = definition.spec;
  return { group, version, resource: names.plural, kind, singular: kind.toLowerCase(), namespaced: scope === 'Namespaced', shortNames: [], verbs: ['create'] };
}

/** What a cloud and a kubelet have told of a machine, as far as it matters to a scheduler. Its kubelet does not come along: an agent of the target stands in for it (docs/nodes.md). */
function nodeOf({ apiVersion, kind, metadata, spec, status }: Node): Fields {
  const { name, labels } = metadata;
  const { capacity, allocatable, nodeInfo, addresses } = status ?? {};
  const { taints, unschedulable, providerID } = spec ?? {};
  // These say how it is at the moment.
  const kept = taints?.filter(({ key }) => !key.startsWith('node.kubernetes.io/'));
  return {
    apiVersion,
    kind,
    metadata: { name, ...(labels && { labels }), annotations: { [SIMULATED]: 'true' } },
    spec: { ...(kept && kept.length > 0 && { taints: kept }), ...(unschedulable && { unschedulable }), ...(providerID && { providerID }) },
    status: { capacity, allocatable, nodeInfo, addresses },
  };
}

/** As few as there may be: so many steps, and so many bytes, has a Transaction at most (docs/undo.md). */
function inTransactions(steps: readonly Step[]): Step[][] {
  const transactions: Step[][] = [];
  let bytes = 0;
  for (const step of steps) {
    const size = Buffer.byteLength(JSON.stringify(step));
    const last = transactions.at(-1);
    if (last && last.length < MAX_STEPS && bytes + size < MOST_BYTES) last.push(step);
    else {
      transactions.push([step]);
      bytes = 0;
    }
    bytes += size;
  }
  return transactions;
}

const MOST_BYTES = 2_500_000;

/** Carries one transaction out, or tries whether it would be. Throws an Error that names the object that is refused: then nothing of it was written. */
export async function importSteps(steps: readonly Step[], { dryRun }: { dryRun: boolean }, target: ApiClient): Promise<Transaction> {
  const transaction = { apiVersion: 'logplane.dev/v1', kind: 'Transaction', metadata: { generateName: 'import-' }, spec: { steps } };
  const query = new URLSearchParams({ fieldManager: MANAGER, ...(dryRun && { dryRun: 'All' }) });
  return target.send<Transaction>('POST', `/apis/logplane.dev/v1/namespaces/default/transactions?${query}`, transaction).catch(async (error) => {
    const [start, at] = (error instanceof Refused && /^spec\.steps\[(\d+)\]: /.exec(error.message)) || [];
    if (start === undefined) throw await withoutOwnApi(error, target);
    const { apply, create } = steps[Number(at)]!;
    const { object } = (apply ?? create)!;
    const place = object.metadata.namespace === undefined ? '' : ` -n ${object.metadata.namespace}`;
    throw new Error(`${nameOfManifest(object)}${place}: ${(error as Error).message.slice(start.length)}`, { cause: error });
  });
}

class Counts {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  get sorted(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
