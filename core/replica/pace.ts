import type { Clock } from '../env.ts';

/** Divides a long piece of work: a turn of the process is left to everything else after so many entries or events, whichever comes first. */
export class Pace {
  readonly #clock: Pick<Clock, 'turn'>;
  #entries = 0;
  #events = 0;

  constructor(clock: Pick<Clock, 'turn'>) {
    this.#clock = clock;
  }

  /** Says that an entry, or as many events of one, have been worked on. What it returns is to be awaited before the next. */
  worked(events: number): Promise<void> | undefined {
    this.#entries++;
    this.#events += events;
    if (this.#entries < ENTRIES && this.#events < EVENTS) return undefined;
    this.#entries = 0;
    this.#events = 0;
    return this.#clock.turn();
  }
}

/** An event takes some microseconds to decode and to fold, an entry that holds a large object some milliseconds. */
const ENTRIES = 16;
const EVENTS = 1_000;
