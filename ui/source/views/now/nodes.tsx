import { memo } from 'preact/compat';
import { useState } from 'preact/hooks';
import type { Pod } from '../../model/kinds.ts';
import type { NodeRow, Share } from '../../model/node-rows.ts';
import { bytes, cores } from '../../model/quantity.ts';
import { ObjectLink } from '../../parts/object-link.tsx';
import { isFound } from '../../parts/search.ts';
import { PodGrid } from './pod-grid.tsx';
import { Count } from './troubles.tsx';

interface NodesProps {
  readonly machines: readonly NodeRow[];
  readonly pods: ReadonlyMap<string, Pod>;
}

const AT_FIRST = 120;

/** Node by node: what is requested of it, and its pods. */
export function Nodes({ machines, pods }: NodesProps) {
  const [isWhole, setWhole] = useState(false);
  const homeless = [...pods.values()].filter(({ spec, status }) => !spec?.nodeName && status?.phase !== 'Succeeded' && status?.phase !== 'Failed');
  const found = machines.filter(({ name, zone, instanceType }) => isFound('node', name, zone, instanceType));
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
          <PodGrid pods={homeless} />
        </div>
      )}
      {machines.length === 0 && <p class="quiet">There are no nodes.</p>}
      <ul class="nodes">
        {(isWhole ? found : found.slice(0, AT_FIRST)).map((row) => (
          <NodeCard key={row.name} row={row} />
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

/** A card is drawn anew when something of its node is different. */
const NodeCard = memo(
  function NodeCard({ row }: { readonly row: NodeRow }) {
    const { name, node, isReady, isCordoned, zone, instanceType, cpu, memory, podCount, pods } = row;
    const state = !node ? 'gone' : !isReady ? 'not ready' : isCordoned ? 'cordoned' : undefined;
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
        <PodGrid pods={pods} />
      </li>
    );
  },
  ({ row: a }, { row: b }) => a.node === b.node && a.pods.length === b.pods.length && a.pods.every((pod, i) => pod === b.pods[i]),
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
