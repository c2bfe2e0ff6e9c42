import { useState } from 'preact/hooks';
import { session } from '../../api/session.ts';
import { at, clusterName, lookAt } from '../../model/cluster.ts';
import { Ask } from '../../parts/ask.tsx';
import { go } from '../../route.ts';
import { deleteCluster, patchCluster } from './cluster-calls.ts';

/** Puts a cluster back to what it was. What was before the reset stays in the past. */
export function Reset({ name, close }: { readonly name: string; readonly close: () => void }) {
  const isShown = name === clusterName.value;
  const [to, setTo] = useState(isShown && at.value !== undefined ? String(at.value) : 'start');
  const act = async () => {
    await patchCluster(name, { resetTo: /^\d+$/.test(to) ? Number(to) : to });
    if (isShown) lookAt(undefined);
  };
  return (
    <Ask title={`Reset ${name}`} yes="Reset" isDangerous act={act} close={close}>
      <p>All objects become what they were then. That is a change like any other: what is there now can be read as before, and be gone back to.</p>
      <label>
        To <input required value={to} onInput={({ currentTarget }) => setTo(currentTarget.value)} />{' '}
        <span class="quiet">start, an offset, a time, or a bookmark</span>
      </label>
    </Ask>
  );
}

interface EndClusterProps {
  readonly name: string;
  readonly forks: number;
  readonly close: () => void;
}

/** Deletes a cluster, past and all: its name has to be typed. */
export function EndCluster({ name, forks, close }: EndClusterProps) {
  const [typed, setTyped] = useState('');
  const act = async () => {
    await deleteCluster(name);
    if (name === clusterName.value && session.value.state === 'in') go({ cluster: session.value.cluster, at: undefined, view: 'clusters' });
    else go({ view: 'clusters' });
  };
  return (
    <Ask title={`Delete ${name}`} yes="Delete" isDangerous isBlocked={typed !== name} act={act} close={close}>
      <p>
        It goes with its log: nothing of it can be read any more
        {forks > 0 && `, but for what its ${forks === 1 ? 'fork shares' : `${forks} forks share`} with it`}. This cannot be undone.
      </p>
      <label>
        Type its name <input value={typed} autocomplete="off" onInput={({ currentTarget }) => setTyped(currentTarget.value)} />
      </label>
    </Ask>
  );
}
