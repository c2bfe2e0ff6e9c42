import { useState } from 'preact/hooks';
import { get } from '../../api/client.ts';
import { clusterName } from '../../model/cluster.ts';
import { Ask } from '../../parts/ask.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { useRead } from '../../parts/use-read.ts';
import { isPlain, type Restored, RestoredObjects } from './restored.tsx';

interface TakeBackProps {
  readonly offset: number;
  /** The change alone, or with all that it caused. */
  readonly with: 'offset' | 'request';
  readonly namespace: string | undefined;
  readonly close: () => void;
}

/** Takes a change back: first the server is asked what that would come to, and then it is done as one entry of the log (docs/undo.md). */
export function TakeBack({ offset, with: by, namespace, close }: TakeBackProps) {
  const cluster = clusterName.value;
  const [isForced, setForced] = useState(false);
  // What it caused may be anywhere.
  const isWhole = by === 'request' || namespace === undefined;
  const path = isWhole ? '/apis/logplane.dev/v1/clusterundos' : `/apis/logplane.dev/v1/namespaces/${encodeURIComponent(namespace)}/undos`;
  const undo = (query: Record<string, string>) =>
    get<Restored>({ cluster }, path, {
      method: 'POST',
      query: { fieldManager: 'logplane-page', ...query },
      body: {
        apiVersion: 'logplane.dev/v1',
        kind: isWhole ? 'ClusterUndo' : 'Undo',
        metadata: { generateName: 'page-' },
        spec: { [by]: offset, ...(isForced && { force: true }) },
      },
    });
  const tried = useRead(() => undo({ dryRun: 'All' }), `${cluster} ${offset} ${by} ${isForced}`, []);
  return (
    <Ask
      title={by === 'offset' ? `Undo change ${offset}` : `Undo change ${offset}, and all that it caused`}
      yes="Undo"
      isBlocked={tried.error !== undefined || !tried.value || isPlain(tried.value)}
      act={async () => void (await undo({}))}
      close={close}
    >
      {tried.isLoading && <output class="quiet">Asking what would come of it …</output>}
      <Refusal error={tried.error} />
      {!tried.error && tried.value && <RestoredObjects of={tried.value} />}
      {(tried.error || isForced) && (
        <label>
          <input type="checkbox" checked={isForced} onChange={({ currentTarget }) => setForced(currentTarget.checked)} /> Undo it all the same, over what was
          changed since
        </label>
      )}
    </Ask>
  );
}
