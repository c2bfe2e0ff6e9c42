/**
 * How long clients are asked to wait that were refused a seat, by cluster and priority level: the longer, the more were refused in that time before (apiserver's
 * pkg/util/flowcontrol, dropped_requests_tracker.go). Where all is well again it comes down to a second, and is forgotten when others come in their place.
 */
export class DroppedRequests {
  readonly #levels = new Map<string, Dropped>();

  /** One more, in a second of real time; in how many seconds its client may try again. */
  drop(level: string, second: number): number {
    let dropped = this.#levels.get(level);
    if (!dropped) {
      dropped = new Dropped();
      // Names of priority levels come from clients.
      if (this.#levels.size >= MOST) this.#levels.delete(this.#levels.keys().next().value!);
      this.#levels.set(level, dropped);
    }
    dropped.add(second);
    return dropped.retryAfter;
  }
}

const MOST = 2_000;

/** In seconds. */
const LONGEST = 32;

class Dropped {
  retryAfter = 1;
  /** Since when it is as long as that. */
  #raised = Number.NEGATIVE_INFINITY;
  /** How many in each second, the newest last; none older than can matter. */
  #history: { readonly second: number; count: number }[] = [];

  add(second: number): void {
    const last = this.#history.at(-1);
    if (last?.second === second) {
      last.count++;
      return;
    }
    this.#adapt(second);
    this.#history.push({ second, count: 1 });
    const oldest = second - Math.min(2 * this.retryAfter, LONGEST);
    this.#history = this.#history.filter((one) => one.second >= oldest);
  }

  /** As TCP does: twice as long when it was too short, a second less when it was too long; and not longer again before those who were told to wait have tried. */
  #adapt(second: number): void {
    const { retryAfter } = this;
    const since = second - retryAfter;
    const count = this.#history.reduce((sum, one) => (one.second >= since && one.second < second ? sum + one.count : sum), 0);
    if (second - this.#raised >= retryAfter && count >= 3 * retryAfter) {
      this.retryAfter = Math.min(2 * retryAfter, LONGEST);
      this.#raised = second;
    } else if (count < retryAfter && retryAfter > 1) {
      this.retryAfter--;
    }
  }
}
