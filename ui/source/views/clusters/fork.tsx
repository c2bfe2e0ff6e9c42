import { useState } from 'preact/hooks';
import { at, clusterName } from '../../model/cluster.ts';
import { Ask } from '../../parts/ask.tsx';
import { go } from '../../route.ts';
import { createCluster } from './cluster-calls.ts';

/** A fork of a cluster: of the one that is shown, at the moment that the slider shows; of another one, now. */
export function Fork({ of, close }: { readonly of: string; readonly close: () => void }) {
  const isShown = of === clusterName.value;
  const [name, setName] = useState(`${of}-fork`);
  const [when, setWhen] = useState(isShown && at.value !== undefined ? String(at.value) : '');
  const [ttl, setTtl] = useState('');
  const [isOpened, setOpened] = useState(true);
  const act = async () => {
    const moment = /^\d+$/.test(when) ? Number(when) : when;
    await createCluster(name, { forkOf: { name: of, ...(when !== '' && { at: moment }) }, ...(ttl !== '' && { ttl }) });
    if (isOpened) go({ cluster: name, at: undefined, view: 'now' });
  };
  return (
    <Ask title={`Fork ${of}`} yes="Fork" act={act} close={close}>
      <p>It has the history of {of} up to there, which is shared and not copied. From there each goes its own way.</p>
      <div class="fields">
        <label>
          Name <input required value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} />
        </label>
        <label>
          At <input value={when} placeholder="now" onInput={({ currentTarget }) => setWhen(currentTarget.value)} />
          <span class="quiet">an offset, a time, or a bookmark</span>
        </label>
        <label>
          Goes by itself after <input value={ttl} placeholder="never" onInput={({ currentTarget }) => setTtl(currentTarget.value)} />
          <span class="quiet">such as 8h</span>
        </label>
        <label>
          <input type="checkbox" checked={isOpened} onChange={({ currentTarget }) => setOpened(currentTarget.checked)} /> Open it
        </label>
      </div>
    </Ask>
  );
}
