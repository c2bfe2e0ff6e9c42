import { useId, useState } from 'preact/hooks';
import type { Pod } from '../../model/kinds.ts';
import { PHASE_WORDS, PHASES, type Phase, stateOf } from '../../model/pod-state.ts';
import { objectRoute } from '../../parts/object-route.ts';
import { go } from '../../route.ts';
import { SHAPES } from './phase-shape.tsx';

interface PodGridProps {
  readonly pods: readonly Pod[];
  /** Whose they are: `on node-1`. */
  readonly of: string;
  /** Whether Tab leads here: of all grids to one, and from there arrows lead on to the next. */
  readonly isStop: boolean;
  /** It has the focus, and is that one from now on. */
  readonly stop: () => void;
}

/** In units of the drawing: a pod is a square of 8 with a gap of 2. */
const CELL = 10;
const COLUMNS = 22;
const MOST = 2_200;

/** Pods as squares in the colours of their lives: one drawing, so that ten thousand of them cost as many nodes of the document as ten. Arrows go through them, Enter opens one. */
export function PodGrid({ pods, of, isStop, stop }: PodGridProps) {
  const [pointed, point] = useState<Pod | undefined>();
  const [hasFocus, setFocus] = useState(false);
  const [cursor, setCursor] = useState(0);
  const id = useId();
  if (pods.length === 0) return <p class="pods quiet">no pods</p>;
  const shown = pods.slice(0, MOST);
  const here = Math.min(cursor, shown.length - 1);
  const { paths, words } = drawn(shown);
  const rows = Math.ceil(shown.length / COLUMNS);
  const podAt = ({ currentTarget, clientX, clientY }: MouseEvent) => {
    const box = (currentTarget as SVGElement).getBoundingClientRect();
    const unit = (COLUMNS * CELL) / box.width;
    const [x, y] = [Math.floor(((clientX - box.left) * unit) / CELL), Math.floor(((clientY - box.top) * unit) / CELL)];
    return x < COLUMNS ? shown[y * COLUMNS + x] : undefined;
  };
  const open = (pod: Pod | undefined) => pod && go(objectRoute('pods', pod.metadata));
  const press = (event: KeyboardEvent) => {
    const moves: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS, Home: -here, End: shown.length };
    const by = moves[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter') open(shown[here]);
    else if (by === undefined) return;
    else if (here + by < 0 || (here === shown.length - 1 && by > 0 && event.key !== 'End')) beside(event.currentTarget as Element, by)?.focus();
    else setCursor(Math.min(here + by, shown.length - 1));
    event.preventDefault();
  };
  const told = pointed ?? (hasFocus ? shown[here] : undefined);
  return (
    <div class="pods">
      <div
        class="squares"
        role="listbox"
        aria-label={`Pods ${of}: ${words}`}
        aria-activedescendant={id}
        tabIndex={isStop ? 0 : -1}
        onKeyDown={press}
        onFocus={() => {
          setFocus(true);
          stop();
        }}
        onBlur={() => setFocus(false)}
      >
        <svg
          viewBox={`-1 -1 ${COLUMNS * CELL} ${rows * CELL}`}
          aria-hidden="true"
          onPointerMove={(event) => point(podAt(event))}
          onPointerLeave={() => point(undefined)}
          onClick={(event) => open(podAt(event))}
        >
          {PHASES.map((phase) => paths[phase] && <path key={phase} class={`phase ${phase}`} d={paths[phase]} />)}
          {hasFocus && <path class="cursor" d={`M${(here % COLUMNS) * CELL - 0.5} ${Math.floor(here / COLUMNS) * CELL - 0.5}h9v9h-9z`} />}
        </svg>
        <span class="unseen" role="option" id={id} aria-selected="true" aria-posinset={here + 1} aria-setsize={pods.length}>
          {inWords(shown[here]!)}
        </span>
      </div>
      {pods.length > MOST && <p class="quiet">and {(pods.length - MOST).toLocaleString('en')} more</p>}
      {told && (
        <p class="tip" aria-hidden="true">
          {inWords(told)}
        </p>
      )}
    </div>
  );
}

const inWords = (pod: Pod): string => `${pod.metadata.namespace}/${pod.metadata.name}: ${stateOf(pod).status}`;

function drawn(pods: readonly Pod[]): { readonly paths: Readonly<Partial<Record<Phase, string>>>; readonly words: string } {
  const paths: Partial<Record<Phase, string>> = {};
  const counts: Partial<Record<Phase, number>> = {};
  pods.forEach((pod, i) => {
    const { phase } = stateOf(pod);
    counts[phase] = (counts[phase] ?? 0) + 1;
    paths[phase] = `${paths[phase] ?? ''}M${(i % COLUMNS) * CELL} ${Math.floor(i / COLUMNS) * CELL}${SHAPES[phase]}`;
  });
  const words = PHASES.filter((phase) => counts[phase])
    .map((phase) => `${counts[phase]} ${PHASE_WORDS[phase]}`)
    .join(', ');
  return { paths, words };
}

/** The grid before this one, or behind it. */
function beside(grid: Element, by: number): HTMLElement | undefined {
  const grids = [...document.querySelectorAll<HTMLElement>('.squares')];
  return grids[grids.indexOf(grid as HTMLElement) + Math.sign(by)];
}
