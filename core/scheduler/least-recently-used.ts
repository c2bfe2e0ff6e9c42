/** Values by what they are of. The least recently used go when there is no room for another. */
export class LeastRecentlyUsed<T extends Sized> {
  readonly #room: number;
  readonly #values = new Map<string, T>();

  constructor(room: number) {
    this.#room = room;
  }

  get(of: string, make: () => T): T {
    let value = this.#values.get(of);
    if (value) this.#values.delete(of);
    else this.#makeRoom();
    value ??= make();
    this.#values.set(of, value);
    return value;
  }

  #makeRoom(): void {
    let bytes = 0;
    for (const value of this.#values.values()) bytes += value.bytes;
    for (const [of, value] of this.#values) {
      if (bytes <= this.#room) return;
      this.#values.delete(of);
      bytes -= value.bytes;
    }
  }
}

interface Sized {
  /** About how many bytes of memory it takes. */
  readonly bytes: number;
}
