import { memo } from 'preact/compat';
import { useState } from 'preact/hooks';
import { unreadable } from '../../model/cluster.ts';
import type { Pod } from '../../model/kinds.ts';
import type { NodeRow, Share } from '../../model/node-rows.ts';
import { bytes, cores } from '../../model/quantity.ts';
import { Count } from '../../parts/count.tsx';
import { ObjectLink } from '../../parts/object-link.tsx';
import { isFound } from '../../parts/search.ts';
import { PodGrid } from './pod-grid.tsx';

interface NodesProps {
  readonly machines: readonly NodeRow[];
  readonly pods: ReadonlyMap<string, Pod>;
}

const AT_FIRST = 120;
/** The grid of the pods without a node: no node has that name. */
const HOMELESS = ' ';

/** Node by node: what is requested of it, and its pods. */
export function Nodes({ machines, pods }: NodesProps) {
  const [isWhole, setWhole] = useState(false);
  const [entered, enter] = useState('');
  const homeless = [...pods.values()].filter(({ spec, status }) => !spec?.nodeName && status?.phase !== 'Succeeded' && status?.phase !== 'Failed');
  const found = machines.filter(({ name, zone, instanceType }) => isFound('node', name, zone, instanceType));
  const shown = isWhole ? found : found.slice(0, AT_FIRST);
  const grids = [...(homeless.length > 0 ? [HOMELESS] : []), ...shown.filter(({ pods }) => pods.length > 0).map(({ name }) => name)];
  const stop = grids.includes(entered) ? entered : grids[0];
  return (
    <section aria-labelledby="nodes" class="panel machines">
      <h2 id="nodes">
        Nodes <Count of={machines.length} />
      </h2>
      {homeless.length > 0 && (
        <div class="homeless">
          <h3>
            Waiting for a node <Count of={homeless.length} />
          </h3>
          <PodGrid pods={homeless} of="waiting for a node" isStop={stop === HOMELESS} stop={() => enter(HOMELESS)} />
        </div>
      )}
      {machines.length === 0 && !unreadable.value.includes('nodes') && (
        <p class="quiet">
          There are no nodes, and no pod starts without one. <code>logplane nodes add</code> makes some, here <code>npm run -s logplane -- nodes add</code>.
        </p>
      )}
      {found.length === 0 && machines.length > 0 && <p class="quiet">No node is named so.</p>}
      <ul class="nodes">
        {shown.map((row) => (
          <NodeCard key={row.name} row={row} isStop={row.name === stop} enter={enter} />
        ))}
      </ul>
      {found.length > AT_FIRST && (
        <button type="button" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Fewer' : `${found.length - AT_FIRST} more nodes`}
        </button>
      )}
    </section>
  );
}

interface NodeCardProps {
  readonly row: NodeRow;
  readonly isStop: boolean;
  readonly enter: (name: string) => void;
}

/** A card is drawn anew when something of its node is different. */
const NodeCard = memo(
  function NodeCard({ row, isStop, enter }: NodeCardProps) {
    const { name, node, isReady, isCordoned, zone, instanceType, cpu, memory, podCount, pods } = row;
    const state = !node ? (unreadable.value.includes('nodes') ? undefined : 'gone') : !isReady ? 'not ready' : isCordoned ? 'cordoned' : undefined;
    return (
      <li class={`node ${state?.replace(' ', '-') ?? 'ready'}`}>
        <h3>
          <ObjectLink resource="nodes" of={{ name }}>
            {name}
          </ObjectLink>{' '}
          {state && <em>{state}</em>}
        </h3>
        <p class="quiet">{[instanceType, zone].filter(Boolean).join(' · ') || ' '}</p>
        <Meter name="CPU" share={cpu} text={(value) => cores(value)} />
        <Meter name="Memory" share={memory} text={(value) => bytes(value)} />
        <Meter name="Pods" share={podCount} text={(value) => String(value)} />
        <PodGrid pods={pods} of={`on ${name}`} isStop={isStop} stop={() => enter(name)} />
      </li>
    );
  },
  ({ row: a, isStop: was }, { row: b, isStop: is }) =>
    was === is && a.node === b.node && a.pods.length === b.pods.length && a.pods.every((pod, i) => pod === b.pods[i]),
);

function Meter({ name, share: { used, of }, text }: { readonly name: string; readonly share: Share; readonly text: (value: number) => string }) {
  const part = of === 0 ? 0 : used / of;
  return (
    <div class="meter">
      <span>{name}</span>
      <span
        class="gauge"
        role="meter"
        aria-label={`${name} requested`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(Math.min(1, part) * 100)}
        aria-valuetext={`${text(used)} of ${text(of)}`}
      >
        <i class={part > 0.9 ? 'full' : ''} style={{ width: `${Math.min(100, part * 100)}%` }} />
      </span>
      <span class="quiet">
        {text(used)}/{text(of)}
      </span>
    </div>
  );
}
