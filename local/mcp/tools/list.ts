import { z } from 'zod';
import type { KubeObject } from '../../../core/kube/object.ts';
import type { ApiClient } from '../../client/api-client.ts';
import { groupResourceOf, pathOf } from '../../client/resources.ts';
import { laidOut } from '../../columns.ts';
import { bounded, MOST_CHARACTERS } from '../bounded.ts';
import { shownObject } from '../shown-object.ts';
import { type Answer, cluster, namespaceOrAll, tool } from '../tool.ts';

export const list = tool({
  name: 'list',
  title: 'List objects',
  description:
    'Objects of a kind, as the table that kubectl get prints (the default, short), or whole. Begin here: nodes, pods, deployments, events, or any kind that there is; with cluster: NAME@OFFSET as they were.',
  input: z.strictObject({
    kind: z.string().min(1).max(253).describe('As kubectl takes it: pods, deploy, deployments.apps, nodes, events.'),
    namespace: namespaceOrAll,
    cluster,
    labels: z.string().max(2_000).optional().describe('A label selector: app=web,tier!=cache.'),
    fields: z.string().max(2_000).optional().describe('A field selector: status.phase=Pending, spec.nodeName=node-1, type=Warning.'),
    as: z.enum(['table', 'objects']).default('table').describe('A row for each, or whole objects (few at a time).'),
    limit: z.int().min(1).max(500).default(100).describe('How many at most.'),
    continue: z.string().max(10_000).optional().describe('Goes on where the answer before ended: its continue.'),
  }),
  output: z.looseObject({
    cluster: z.string(),
    kind: z.string(),
    columns: z.array(z.string()).optional(),
    rows: z.array(z.array(z.string())).optional(),
    objects: z.array(z.unknown()).optional(),
    continue: z.string().optional(),
    remaining: z.int().optional(),
  }),
  effect: 'none',
  isIdempotent: true,
  async run({ kind, namespace, cluster, labels, fields, as, limit, continue: token }, reach) {
    const client = await reach.client({ cluster });
    const resource = await reach.resource(kind, client);
    const query = (most: number) =>
      new URLSearchParams({
        limit: String(most),
        ...(labels !== undefined && { labelSelector: labels }),
        ...(fields !== undefined && { fieldSelector: fields }),
        ...(token !== undefined && { continue: token }),
      });
    const path = pathOf(resource, namespace);
    const head = { cluster: client.shownAs, kind: groupResourceOf(resource) };
    const page = (most: number) => `${path}?${query(most)}`;
    return as === 'table'
      ? tableOf(await client.get<TableAnswer>(page(limit), { accept: TABLE }), head, namespace === undefined && resource.namespaced)
      : objectsOf(page, limit, head, { client, secrets: reach.secrets });
  },
});

interface Head {
  readonly cluster: string;
  readonly kind: string;
}

interface ListMeta {
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** Kubernetes API reference, "Table". */
interface TableAnswer {
  readonly metadata?: ListMeta;
  readonly columnDefinitions?: readonly { readonly name: string; readonly priority?: number }[];
  readonly rows?: readonly { readonly cells: readonly unknown[]; readonly object?: Partial<KubeObject> }[];
}

function tableOf({ metadata, columnDefinitions = [], rows = [] }: TableAnswer, head: Head, hasNamespaces: boolean): Answer {
  const shown = columnDefinitions.map(({ priority = 0 }, i) => (priority === 0 ? i : -1)).filter((i) => i >= 0);
  const columns = [...(hasNamespaces ? ['Namespace'] : []), ...shown.map((i) => columnDefinitions[i]!.name)];
  const cells = rows.map(({ cells, object }) => [...(hasNamespaces ? [object?.metadata?.namespace ?? ''] : []), ...shown.map((i) => String(cells[i] ?? ''))]);
  const lines = cells.length === 0 ? [`No ${head.kind} found.`] : laidOut([columns.map((name) => name.toUpperCase()), ...cells], { columns: undefined });
  return { text: [...lines, ...moreLines(metadata)].join('\n'), structured: { ...head, columns, rows: cells, ...rest(metadata) } };
}

interface Source {
  readonly client: ApiClient;
  readonly secrets: boolean;
}

/** As many whole objects as an answer holds, and where to go on. */
async function objectsOf(page: (most: number) => string, limit: number, head: Head, { client, secrets }: Source): Promise<Answer> {
  interface Objects {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata?: ListMeta;
    readonly items: readonly KubeObject[];
  }
  let { metadata, items, apiVersion, kind } = await client.get<Objects>(page(limit));
  // Objects of lists do not say what they are.
  const shown = (objects: readonly KubeObject[]) => objects.map((item) => shownObject({ ...item, apiVersion, kind: kind.replace(/List$/, '') }, { secrets }));
  let objects = shown(items);
  const fitting = countFitting(objects);
  if (fitting < objects.length) {
    // Asked again, so that the list goes on behind the last one that is shown.
    ({ metadata, items, apiVersion, kind } = await client.get<Objects>(page(fitting)));
    objects = shown(items).map((object) => bounded({ ...object }, ROOM).value as KubeObject);
  }
  const names = objects.map(({ metadata: { name, namespace } }) => `${namespace === undefined ? '' : `${namespace}/`}${name}`);
  const lines = objects.length === 0 ? [`No ${head.kind} found.`] : names;
  return { text: [...lines, ...moreLines(metadata)].join('\n'), structured: { ...head, objects, ...rest(metadata) } };
}

const ROOM = MOST_CHARACTERS - 2_000;

/** At least one. */
function countFitting(objects: readonly KubeObject[]): number {
  let size = 0;
  const over = objects.findIndex((object) => {
    size += JSON.stringify(object).length + 1;
    return size > ROOM;
  });
  return over < 0 ? objects.length : Math.max(over, 1);
}

const rest = ({ continue: token, remainingItemCount }: ListMeta = {}) => ({
  ...(token && { continue: token }),
  ...(remainingItemCount !== undefined && { remaining: remainingItemCount }),
});

const moreLines = ({ continue: token, remainingItemCount }: ListMeta = {}): string[] =>
  token
    ? [
        `There are ${remainingItemCount === undefined ? '' : `${remainingItemCount} `}more: call again with continue: ${token}, or narrow it down with namespace, labels or fields.`,
      ]
    : [];
