import type { Phase } from '../../model/pod-state.ts';

/** How a pod is drawn, from the upper left corner of a square of 8: what is not well, waits or is over is told by its shape, too, for those to whom colours do not tell it. */
export const SHAPES: Readonly<Record<Phase, string>> = {
  waiting: 'h8v8h-8zm2 2v4h4v-4z',
  starting: 'm1 1h6v6h-6z',
  running: 'h8v8h-8z',
  unready: 'm4 0l4 8h-8z',
  failing: 'm4 -.6l4.6 4.6l-4.6 4.6l-4.6 -4.6z',
  ending: 'm0 5h8v3h-8z',
  done: 'm2 2h4v4h-4z',
};

export const PhaseShape = ({ phase }: { readonly phase: Phase }) => (
  <svg class={`phase ${phase}`} viewBox="-1 -1 10 10" width="11" height="11" aria-hidden="true">
    <path d={`M0 0${SHAPES[phase]}`} />
  </svg>
);
