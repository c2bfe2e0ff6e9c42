import type { Deployment } from './deployment.ts';
import type { Fault } from './faults.ts';
import type { History } from './history.ts';
import type { Journal } from './journal.ts';
import type { World } from './process.ts';

/** What a run came to, in numbers. */
export interface Figures {
  readonly virtualMinutes: number;
  readonly steps: number;
  readonly events: number;
  readonly entries: number;
  readonly writes: number;
  readonly coldStarts: number;
  readonly deadLetters: number;
  readonly faults: ReadonlyMap<Fault, number>;
}

interface Run {
  readonly world: World;
  readonly journal: Journal;
  readonly history: History;
  readonly deployment: Deployment;
  /** When it began, by virtual time. */
  readonly since: number;
}

export function figuresOf({ world: { time, faults }, journal, history, deployment, since }: Run): Figures {
  return {
    virtualMinutes: (time.now - since) / 60_000,
    steps: time.steps,
    events: journal.events,
    entries: [...journal.entries.values()].reduce((sum, entries) => sum + entries.length, 0),
    writes: history.writes.length,
    coldStarts: deployment.coldStarts,
    deadLetters: deployment.deadLetters,
    faults: faults.counts,
  };
}
