import { useState } from 'preact/hooks';
import { call, get } from '../../api/client.ts';
import type { ApiResource } from '../../api/discovery.ts';
import { clusterName, lookAt, offset } from '../../model/cluster.ts';
import { Ask } from '../../parts/ask.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { useRead } from '../../parts/use-read.ts';
import { groupResourceOf } from './place.ts';
import { isPlain, type Restored, RestoredObjects } from './restored.tsx';

interface RemoveProps {
  readonly path: string;
  readonly kind: string;
  readonly name: string;
  readonly close: () => void;
}

const PROPAGATIONS = { Background: 'then what it owns', Foreground: 'first what it owns', Orphan: 'and leave what it owns' };

/** Deletes an object. */
export function Remove({ path, kind, name, close }: RemoveProps) {
  const cluster = clusterName.value;
  const [propagationPolicy, setPolicy] = useState('Background');
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy };
  return (
    <Ask
      title={`Delete ${kind} ${name}`}
      yes="Delete"
      isDangerous
      act={async () => void (await call({ cluster }, path, { method: 'DELETE', body }))}
      close={close}
    >
      <p>It stays in the past, and can be made again from there.</p>
      <label>
        Delete it,{' '}
        <select value={propagationPolicy} onChange={({ currentTarget }) => setPolicy(currentTarget.value)}>
          {Object.entries(PROPAGATIONS).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </label>
    </Ask>
  );
}

interface BringBackProps {
  readonly resource: ApiResource;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly close: () => void;
}

/** Brings an object back to what it was at the moment that is shown (docs/undo.md, "Restore"). */
export function BringBack({ resource, namespace, name, close }: BringBackProps) {
  const cluster = clusterName.value;
  const [at] = useState(offset.peek());
  const [isForced, setForced] = useState(false);
  const path = namespace === undefined ? '/apis/logplane.dev/v1/clusterrestores' : `/apis/logplane.dev/v1/namespaces/${encodeURIComponent(namespace)}/restores`;
  const restore = (query: Record<string, string>) =>
    get<Restored>({ cluster }, path, {
      method: 'POST',
      query: { fieldManager: 'logplane-page', ...query },
      body: {
        apiVersion: 'logplane.dev/v1',
        kind: namespace === undefined ? 'ClusterRestore' : 'Restore',
        metadata: { generateName: 'page-' },
        spec: { at, resources: [groupResourceOf(resource)], names: [name], ...(isForced && { force: true }) },
      },
    });
  const tried = useRead(() => restore({ dryRun: 'All' }), `${cluster} ${at} ${isForced}`, []);
  return (
    <Ask
      title={`${resource.kind} ${name}, as it was at ${at}`}
      yes="Bring it back"
      isBlocked={tried.error !== undefined || !tried.value || isPlain(tried.value)}
      act={async () => {
        await restore({});
        lookAt(undefined);
      }}
      close={close}
    >
      {tried.isLoading && <output class="quiet">Asking what would come of it …</output>}
      <Refusal error={tried.error} />
      {!tried.error && tried.value && <RestoredObjects of={tried.value} />}
      {(tried.error || isForced) && (
        <label>
          <input type="checkbox" checked={isForced} onChange={({ currentTarget }) => setForced(currentTarget.checked)} /> Bring it back all the same
        </label>
      )}
    </Ask>
  );
}
