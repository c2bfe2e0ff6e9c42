import { Deflated } from './deflated.ts';

/** A part of an answer, there as it is or compressed: what is asked of it is made of the other. */
export class Portion {
  #bytes: Buffer | undefined;
  #deflated: Deflated | undefined;
  /** Of its bytes. */
  readonly size: number;

  constructor(portion: Buffer | Deflated) {
    if (portion instanceof Deflated) this.#deflated = portion;
    else this.#bytes = portion;
    this.size = portion instanceof Deflated ? portion.size : portion.length;
  }

  get bytes(): Buffer {
    this.#bytes ??= this.#deflated!.inflate();
    return this.#bytes;
  }

  get deflated(): Deflated {
    this.#deflated ??= Deflated.of(this.#bytes!);
    return this.#deflated;
  }
}
