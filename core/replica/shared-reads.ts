/** Reads of a log to its end, one at a time, each shared by all who asked before it began. */
export class SharedReads {
  readonly #read: () => Promise<void>;
  #reading: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(read: () => Promise<void>) {
    this.#read = read;
  }

  /** Resolves once a read that began after the call has come to its end, and rejects with what that one fails with. */
  begunSince(): Promise<void> {
    if (!this.#reading) {
      this.#reading = this.#read().finally(() => {
        this.#reading = undefined;
      });
      return this.#reading;
    }
    // A read that is under way may have begun before what the caller must see: the next one counts, and all waiting callers share it.
    this.#next ??= this.#reading
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.begunSince();
      });
    return this.#next;
  }
}
