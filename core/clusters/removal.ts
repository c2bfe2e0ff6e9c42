import { removeEnded } from '../log/ended-logs.ts';
import type { ClustersHost } from './clusters-host.ts';

/** The removal of the logs of clusters that have ended, a bounded piece of it at a time: their clusters are gone by then, and their names may be those of others. */
export class Removal {
  readonly #host: Pick<ClustersHost, 'log' | 'problem'>;
  /** Whether it is not known what there is to remove. */
  #isStale = true;
  #logs: string[] = [];
  /** Of which nothing is left, or which forks hold: only the end of another cluster changes that. */
  #over = new Set<string>();

  constructor(host: Pick<ClustersHost, 'log' | 'problem'>) {
    this.#host = host;
  }

  /** A cluster has ended, or a branch that held a log. */
  look(): void {
    this.#isStale = true;
  }

  /** Removes some, and resolves to in how many ms there is more to do; undefined: only the end of another cluster brings that. */
  async step(): Promise<number | undefined> {
    const { log, problem } = this.#host;
    if (this.#isStale) this.#over = new Set();
    // Where none is known another process may have left some: it has ended, or was forgotten, before it was done.
    if (this.#isStale || this.#logs.length === 0) this.#logs = (await log.branches.ended()).filter((name) => !this.#over.has(name));
    this.#isStale = false;
    const now = this.#logs.splice(0, PIECES);
    if (now.length === 0) return undefined;
    const left = await removeEnded(log, now, problem);
    const isMore = this.#logs.length > 0;
    this.#logs.push(...left.map(({ log }) => log));
    for (const name of now) if (!left.some(({ log }) => log === name)) this.#over.add(name);
    if (isMore) return 0;
    return left.length === 0 ? undefined : Math.max(0, Math.min(...left.map(({ inMs }) => inMs)));
  }
}

/** Of so many logs a piece each. */
const PIECES = 64;
