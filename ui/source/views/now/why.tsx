import { useEffect, useState } from 'preact/hooks';
import { get } from '../../api/client.ts';
import { at, clusterName, lookAt, offset } from '../../model/cluster.ts';
import type { Trouble } from '../../model/troubles.ts';

interface Cause {
  readonly offset: number;
  readonly time?: string;
  readonly object?: string;
  readonly actor?: string;
  readonly what?: string;
  readonly type?: string;
}

interface Change extends Omit<Cause, 'object' | 'actor'> {
  readonly object: { readonly resource: string; readonly name: string };
  readonly actor: { readonly username: string };
  readonly causes?: readonly Cause[];
}

interface Scheduling {
  readonly columnDefinitions: readonly { readonly name: string }[];
  readonly rows: readonly { readonly cells: readonly unknown[] }[];
}

/** More about a trouble: what led to it, back to the request that began it; and of a pod that waits, what each node has against it. */
export function Why({ trouble: { example } }: { readonly trouble: Trouble }) {
  const [causes, setCauses] = useState<readonly Cause[] | string | undefined>();
  const [nodes, setNodes] = useState<Scheduling | undefined>();
  useEffect(() => {
    const where = { cluster: clusterName.peek() };
    const stop = new AbortController();
    chainOf(example, offset.peek(), stop.signal).then(setCauses, (error: Error) => setCauses(error.message));
    // What the scheduler would say is of now: the past is read-only.
    if (example.resource === 'pods' && at.peek() === undefined) {
      const path = `/api/v1/namespaces/${example.namespace}/pods/${example.name}/scheduling`;
      get<Scheduling>(where, path, { method: 'POST', query: { dryRun: 'All' }, signal: stop.signal }).then(setNodes, () => undefined);
    }
    return () => stop.abort();
  }, [example.resource, example.namespace, example.name]);
  return (
    <div class="why">
      {causes === undefined && <output>Reading what led to it …</output>}
      {typeof causes === 'string' && <p role="alert">{causes}</p>}
      {Array.isArray(causes) && causes.length === 0 && <p class="quiet">What led to it is no longer kept.</p>}
      {Array.isArray(causes) && causes.length > 0 && (
        <ol aria-label="What led to it, the newest first">
          {(causes as readonly Cause[]).map((cause) => (
            <li key={cause.offset}>
              <button type="button" class="offset" onClick={() => lookAt(cause.offset)} title="Look at the cluster as it was then">
                {cause.offset}
              </button>{' '}
              <b>{cause.actor}</b> {DID[cause.type ?? ''] ?? 'changed'} {cause.object}
              {cause.type === 'MODIFIED' && cause.what ? `: ${cause.what}` : ''}
            </li>
          ))}
        </ol>
      )}
      {nodes && nodes.rows.length > 0 && <NodeReasons table={nodes} />}
    </div>
  );
}

const DID: Readonly<Record<string, string>> = { ADDED: 'made', MODIFIED: 'changed', DELETED: 'deleted' };

const NODES_SHOWN = 20;
/** The node, whether it could take it, and why not; behind these are the scores of those that could. */
const COLUMNS_SHOWN = 3;

function NodeReasons({ table: { columnDefinitions, rows } }: { readonly table: Scheduling }) {
  return (
    <table>
      <caption>What each node says of {rows.length > NODES_SHOWN ? `it, ${NODES_SHOWN} of ${rows.length}` : 'it'}</caption>
      <thead>
        <tr>
          {columnDefinitions.slice(0, COLUMNS_SHOWN).map(({ name }) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.slice(0, NODES_SHOWN).map(({ cells }) => (
          <tr key={String(cells[0])}>
            {cells.slice(0, COLUMNS_SHOWN).map((cell, i) => (
              <td key={columnDefinitions[i]?.name}>{String(cell ?? '')}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The newest change of an object up to an offset, and what it answers to. */
async function chainOf({ resource, namespace, name }: Trouble['example'], to: number, signal: AbortSignal): Promise<readonly Cause[]> {
  const where = { cluster: clusterName.peek() };
  const path = `/apis/logplane.dev/v1${namespace ? `/namespaces/${namespace}` : ''}/changes`;
  const selector = [`resource=${GROUPED[resource] ?? resource}`, `name=${name}`, `to=${to}`].join();
  const { items } = await get<{ items: Change[] }>(where, path, { query: { fieldSelector: selector, limit: 1 }, signal });
  const [newest] = items;
  if (!newest) return [];
  const change = await get<Change>(where, `/apis/logplane.dev/v1${namespace ? `/namespaces/${namespace}` : ''}/changes/${newest.offset}`, { signal });
  const own: Cause = {
    offset: change.offset,
    ...(change.type && { type: change.type }),
    ...(change.what && { what: change.what }),
    object: `${change.object.resource}/${change.object.name}`,
    actor: change.actor.username,
  };
  return [own, ...(change.causes ?? [])];
}

const GROUPED: Readonly<Record<string, string>> = {
  deployments: 'deployments.apps',
  replicasets: 'replicasets.apps',
  statefulsets: 'statefulsets.apps',
  daemonsets: 'daemonsets.apps',
  jobs: 'jobs.batch',
  cronjobs: 'cronjobs.batch',
};
