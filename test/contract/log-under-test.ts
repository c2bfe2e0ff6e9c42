import type { EventLog } from '../../core/log/log.ts';

/** One log to be tested; each test gets a new one. */
export interface LogUnderTest {
  readonly log: EventLog;
  /** The same log through another connection, as another process has it; where one process owns the log, the log itself. */
  readonly peer: EventLog;
  /** A further connection for which `fate` decides what happens to each attempt to put something: how appends meet a bad network. */
  unreliable?(fate: Fate): EventLog;
  /** Closes everything that is open, as a process does that ends, and opens the log again. */
  restart(): Promise<EventLog>;
  dispose(): Promise<void>;
}

/** Called before the `n`th put of `what` is sent, n from 1. */
export type Fate = (
  what: 'entry' | 'snapshot',
  n: number,
) => Promise<'delivered' | 'request lost' | 'answer lost'> | 'delivered' | 'request lost' | 'answer lost';

export type Skippable = 'proposals' | 'restart' | 'lost answers' | 'interrupted snapshots' | 'entry size limit';

/** What a test is run on: the log, and the name of a cluster that is new in it. */
export type Current = () => { readonly under: LogUnderTest; readonly log: EventLog; readonly main: string };

/** A test of a group that an adapter may skip. */
export type Unless = (group: Skippable, title: string, run: () => Promise<void>) => void;

/** What an adapter need not do, and why. */
export type Skips = Partial<Record<Skippable, string>>;
