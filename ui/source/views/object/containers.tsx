import { call } from '../../api/client.ts';
import { at, clusterName } from '../../model/cluster.ts';
import { useRead } from '../../parts/use-read.ts';

/** Where logs and a terminal will be. The cluster is asked all the same: what it answers is what there is. */
export function Containers({ path, wanted }: { readonly path: string; readonly wanted: 'logs' | 'terminal' }) {
  const cluster = clusterName.value;
  const when = at.value;
  const { value, error, isLoading } = useRead(
    async (signal) =>
      wanted === 'logs' ? (await call({ cluster, at: when }, `${path}/log`, { query: { tailLines: 1000 }, accept: '*/*', signal })).text() : undefined,
    `${cluster} ${path} ${wanted}`,
    [when],
  );
  if (isLoading) return <output class="quiet">Asking …</output>;
  if (value !== undefined)
    return (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be scrolled with the keyboard
      <pre class="lines" tabIndex={0} role="region" aria-label="Log">
        {value || 'Nothing was written yet.'}
      </pre>
    );
  return (
    <div class="panel">
      <h2>{wanted === 'logs' ? 'There are no logs yet' : 'There is no terminal yet'}</h2>
      <p>
        Containers are simulated: pods go through their life with the statuses and Events that a kubelet writes, and no program runs in them that would write
        something or could be talked to. Logs and a terminal come here once programs run.
      </p>
      {error && <p class="quiet">The cluster says: {error.message}.</p>}
      <p>What there is to know of this pod stands in its status (YAML), and why in its changes.</p>
    </div>
  );
}
