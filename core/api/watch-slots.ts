import { tooManyRequests } from '../status.ts';

/** How many watches a process serves at once. Each holds memory, and is worked for at every change, for as long as its client likes. */
export class WatchSlots {
  #free: number;

  constructor(slots: number) {
    this.#free = slots;
  }

  /** Takes a slot. The returned function gives it back, once, however often it is called. Throws 429, with the time to wait, when all are taken. */
  take(): () => void {
    if (this.#free === 0) throw tooManyRequests('Too many requests, please try again later.', RETRY_SECONDS);
    this.#free--;
    let taken = true;
    return () => {
      if (taken) this.#free++;
      taken = false;
    };
  }
}

const RETRY_SECONDS = 5;
