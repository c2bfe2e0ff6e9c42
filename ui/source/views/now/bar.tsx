import { PHASE_WORDS, PHASES, type Phase } from '../../model/pod-state.ts';

interface BarProps {
  readonly phases: Readonly<Partial<Record<Phase, number>>>;
  /** What the whole width stands for. */
  readonly total: number;
  readonly label: string;
}

/** Pods by where they are in their life, as parts of a line. */
export function Bar({ phases, total, label }: BarProps) {
  const words = PHASES.filter((phase) => phases[phase])
    .map((phase) => `${phases[phase]} ${PHASE_WORDS[phase]}`)
    .join(', ');
  return (
    <span class="bar" role="img" aria-label={`${label}: ${words || 'none'}`} title={words}>
      {PHASES.map((phase) => phases[phase] && <i key={phase} class={`phase ${phase}`} style={{ width: `${(phases[phase]! / Math.max(1, total)) * 100}%` }} />)}
    </span>
  );
}
