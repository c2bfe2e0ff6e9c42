/** A cache of what is made for names, each made once; the least recently used is dropped when there are too many. */
export class LruCache<T> {
  readonly #make: (name: string) => Promise<T | undefined>;
  readonly #limit: number;
  readonly #made = new Map<string, Promise<T | undefined>>();

  /** `make`: undefined when there is nothing for a name; that is not kept, nor is a failure. */
  constructor(make: (name: string) => Promise<T | undefined>, { limit = 100 }: { limit?: number } = {}) {
    this.#make = make;
    this.#limit = limit;
  }

  async get(name: string): Promise<T | undefined> {
    const made = this.#made.get(name) ?? this.#make(name);
    // A Map keeps the order of insertion: what was used last is last.
    this.#made.delete(name);
    this.#made.set(name, made);
    if (this.#made.size > this.#limit) this.#made.delete(this.#made.keys().next().value!);
    try {
      const found = await made;
      if (found === undefined) this.#drop(name, made);
      return found;
    } catch (error) {
      this.#drop(name, made);
      throw error;
    }
  }

  /** The next `get` of the name makes a new one. */
  forget(name: string): void {
    this.#made.delete(name);
  }

  #drop(name: string, made: Promise<T | undefined>): void {
    if (this.#made.get(name) === made) this.#made.delete(name);
  }
}
