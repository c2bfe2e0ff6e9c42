import { useState } from 'preact/hooks';
import type { Pod } from '../../model/kinds.ts';
import { PHASE_WORDS, PHASES, type Phase, stateOf } from '../../model/pod-state.ts';
import { objectRoute } from '../../parts/object-route.ts';
import { go } from '../../route.ts';

/** In units of the drawing: a pod is a square of 8 with a gap of 2. */
const CELL = 10;
const COLUMNS = 22;
const MOST = 2_200;

/** Pods as squares in the colours of their lives: one drawing, so that ten thousand of them cost as many nodes of the document as ten. */
export function PodGrid({ pods }: { readonly pods: readonly Pod[] }) {
  const [pointed, point] = useState<Pod | undefined>();
  if (pods.length === 0) return <p class="pods quiet">no pods</p>;
  const shown = pods.slice(0, MOST);
  const paths: Partial<Record<Phase, string>> = {};
  const counts: Partial<Record<Phase, number>> = {};
  shown.forEach((pod, i) => {
    const { phase } = stateOf(pod);
    counts[phase] = (counts[phase] ?? 0) + 1;
    paths[phase] = `${paths[phase] ?? ''}M${(i % COLUMNS) * CELL} ${Math.floor(i / COLUMNS) * CELL}h8v8h-8z`;
  });
  const rows = Math.ceil(shown.length / COLUMNS);
  const words = PHASES.filter((phase) => counts[phase])
    .map((phase) => `${counts[phase]} ${PHASE_WORDS[phase]}`)
    .join(', ');
  const podAt = ({ currentTarget, clientX, clientY }: PointerEvent) => {
    const box = (currentTarget as SVGElement).getBoundingClientRect();
    const unit = (COLUMNS * CELL) / box.width;
    const [x, y] = [Math.floor(((clientX - box.left) * unit) / CELL), Math.floor(((clientY - box.top) * unit) / CELL)];
    return x < COLUMNS ? shown[y * COLUMNS + x] : undefined;
  };
  return (
    <div class="pods">
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: a way that is shorter with a pointer; pods are listed among the objects */}
      <svg
        viewBox={`0 0 ${COLUMNS * CELL} ${rows * CELL}`}
        role="img"
        aria-label={`Pods: ${words}`}
        onPointerMove={(event) => point(podAt(event))}
        onPointerLeave={() => point(undefined)}
        onClick={() => pointed && go(objectRoute('pods', pointed.metadata))}
      >
        {PHASES.map((phase) => paths[phase] && <path key={phase} class={`phase ${phase}`} d={paths[phase]} />)}
      </svg>
      {pods.length > MOST && <p class="quiet">and {(pods.length - MOST).toLocaleString('en')} more</p>}
      {pointed && (
        <p class="tip" aria-hidden="true">
          {pointed.metadata.namespace}/{pointed.metadata.name}: {stateOf(pointed).status}
        </p>
      )}
    </div>
  );
}
