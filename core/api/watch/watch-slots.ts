import { tooManyRequests } from '../../kube/status.ts';

/**
 * The watches that a process serves at once. Each holds memory, and is worked for at every change, for as long as its client likes.
 *
 * A user may hold as many as are free: alone, half of them; n who all want as many as they can get, one part in n + 1 each; and something is left
 * for the next user (Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet switches", 1998).
 */
export class WatchSlots {
  #free: number;
  readonly #held = new Map<string, number>();

  constructor(slots: number) {
    this.#free = slots;
  }

  /**
   * Takes a slot for a user. The returned function gives it back, once, however often it is called. Throws 429, with the time to wait, when
   * the user has as many as are left.
   */
  take(user: string): () => void {
    const held = this.#held.get(user) ?? 0;
    if (held >= this.#free) throw tooManyRequests('Too many requests, please try again later.', RETRY_SECONDS);
    this.#free--;
    this.#held.set(user, held + 1);
    let taken = true;
    return () => {
      if (taken) this.#giveBack(user);
      taken = false;
    };
  }

  #giveBack(user: string): void {
    this.#free++;
    const held = this.#held.get(user)! - 1;
    if (held > 0) this.#held.set(user, held);
    else this.#held.delete(user);
  }
}

const RETRY_SECONDS = 5;
