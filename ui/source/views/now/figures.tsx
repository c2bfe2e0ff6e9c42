import { unreadable } from '../../model/cluster.ts';
import type { Pod } from '../../model/kinds.ts';
import type { NodeRow } from '../../model/node-rows.ts';
import { PHASE_WORDS, PHASES, type Phase, stateOf } from '../../model/pod-state.ts';
import { bytes, cores } from '../../model/quantity.ts';
import type { WorkloadRow } from '../../model/workloads.ts';
import { Bar } from './bar.tsx';
import { PhaseShape } from './phase-shape.tsx';

interface FiguresProps {
  readonly rows: readonly WorkloadRow[];
  readonly machines: readonly NodeRow[];
  readonly pods: ReadonlyMap<string, Pod>;
}

/** The cluster in five numbers, and the lives of its pods in one line. */
export function Figures({ rows, machines, pods }: FiguresProps) {
  const phases: Partial<Record<Phase, number>> = {};
  for (const pod of pods.values()) {
    const { phase } = stateOf(pod);
    phases[phase] = (phases[phase] ?? 0) + 1;
  }
  const sum = (of: (row: NodeRow) => number) => machines.reduce((total, row) => total + of(row), 0);
  const ready = machines.filter(({ isReady }) => isReady).length;
  const [cpu, allCpu, memory, allMemory] = [sum((row) => row.cpu.used), sum((row) => row.cpu.of), sum((row) => row.memory.used), sum((row) => row.memory.of)];
  return (
    <section class="figures" aria-label="In numbers">
      <dl>
        <Figure name="Pods" value={pods.size.toLocaleString('en')} more={`${(phases.running ?? 0).toLocaleString('en')} running`} />
        <Figure name="Workloads" value={rows.length.toLocaleString('en')} />
        {!unreadable.value.includes('nodes') && (
          <>
            <Figure
              name="Nodes"
              value={machines.length.toLocaleString('en')}
              more={machines.length === 0 ? '' : ready === machines.length ? 'all ready' : `${ready} ready`}
            />
            <Figure name="CPU requested" value={cores(cpu)} more={`of ${cores(allCpu)} cores`} />
            <Figure name="Memory requested" value={bytes(memory)} more={`of ${bytes(allMemory)}`} />
          </>
        )}
      </dl>
      <Bar phases={phases} total={pods.size} label="Pods by where they are in their life" />
      <ul class="legend" aria-label="Pods by where they are in their life">
        {PHASES.filter((phase) => phases[phase]).map((phase) => (
          <li key={phase}>
            <PhaseShape phase={phase} /> <b>{phases[phase]!.toLocaleString('en')}</b> {PHASE_WORDS[phase]}
          </li>
        ))}
      </ul>
    </section>
  );
}

const Figure = ({ name, value, more }: { readonly name: string; readonly value: string; readonly more?: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>
      <b>{value}</b> {more && <span>{more}</span>}
    </dd>
  </div>
);
