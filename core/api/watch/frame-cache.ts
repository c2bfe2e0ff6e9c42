/**
 * What was encoded lately, for watches that want the same: each event is encoded once for all that want it in the same form. Bounded in
 * bytes; what was put first goes first, as the watches of a log move on together.
 */
export class FrameCache {
  readonly #limit: number;
  readonly #frames = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many bytes are kept, the names and the bookkeeping included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The frame of this name: the one that is kept, or what `encode` makes. A name stands for the same bytes for ever. */
  get(name: string, encode: () => Uint8Array): Uint8Array {
    const known = this.#frames.get(name);
    if (known) return known;
    const frame = encode();
    this.#frames.set(name, frame);
    this.#bytes += sizeOf(name, frame);
    for (const [oldest, bytes] of this.#frames) {
      if (this.#bytes <= this.#limit) break;
      this.#frames.delete(oldest);
      this.#bytes -= sizeOf(oldest, bytes);
    }
    return frame;
  }
}

/** Rounded sizes of V8: a place in the map, a string, an array and its buffer. */
const OVERHEAD = 250;

const sizeOf = (name: string, frame: Uint8Array): number => OVERHEAD + name.length + frame.length;
