import type { ClustersHost } from './clusters-host.ts';

/** The removal of the logs of clusters that have ended, a bounded piece of it at a time: their clusters are gone by then, and their names may be those of others. */
export class Removal {
  readonly #host: Pick<ClustersHost, 'log' | 'problem'>;
  /** Whether it is not known what there is to remove. */
  #isStale = true;
  #logs: string[] = [];

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
    if (this.#isStale) this.#logs = [...(await log.branches.ended())];
    this.#isStale = false;
    const later: { name: string; inMs: number }[] = [];
    const now = this.#logs.splice(0, PIECES);
    await Promise.all(
      now.map(async (name) => {
        try {
          const { done, leftMs } = await log.remove(name);
          if (!done || leftMs !== undefined) later.push({ name, inMs: leftMs ?? 0 });
        } catch (error) {
          problem(`what is left of the log ${name} was not removed`, error);
          later.push({ name, inMs: RETRY_MS });
        }
      }),
    );
    this.#logs.push(...later.map(({ name }) => name));
    if (this.#logs.length > later.length) return 0;
    return later.length === 0 ? undefined : Math.max(0, Math.min(...later.map(({ inMs }) => inMs)));
  }
}

/** Of so many logs a piece each. */
const PIECES = 64;
const RETRY_MS = 60_000;
