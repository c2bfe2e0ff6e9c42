import { tooManyRequests } from '../kube/status.ts';

/** Who may compute a plan now: one at a time in a process, in the order in which they came, so that the others of its clusters are served meanwhile. */
export class Turns {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** Throws 429 when too many wait already. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MOST_WAITING) throw tooManyRequests('too many plans are computed at once; try again', RETRY_SECONDS);
    this.#waiting++;
    const before = this.#last;
    const done = Promise.withResolvers<void>();
    this.#last = done.promise;
    try {
      await before;
      return await work();
    } finally {
      this.#waiting--;
      done.resolve();
    }
  }
}

const MOST_WAITING = 20;
const RETRY_SECONDS = 5;
