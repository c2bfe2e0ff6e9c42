import type { Plugin } from './framework.ts';
import { ImageStates } from './image-states.ts';
import type { NodeVerdicts } from './node-verdicts.ts';
import { CarriedTerms } from './topology/carried-terms.ts';
import type { DomainCounts } from './topology/domain-counts.ts';

/**
 * What placements work out and need again, in the same pass and in later ones. All of it is held against the nodes that a placement sees each time (node-follower.ts), so that it
 * saves work and decides nothing: one without any comes to the same. Bounded in bytes.
 */
export class Kept {
  readonly counts = new LeastRecentlyUsed<DomainCounts>(24 * MB);
  readonly #verdicts = new WeakMap<readonly Plugin[], LeastRecentlyUsed<NodeVerdicts>>();
  readonly carried = new CarriedTerms();
  readonly images = new ImageStates();

  /** What the plugins of a profile say of nodes. */
  verdictsOf(plugins: readonly Plugin[]): LeastRecentlyUsed<NodeVerdicts> {
    let verdicts = this.#verdicts.get(plugins);
    if (!verdicts) {
      verdicts = new LeastRecentlyUsed(24 * MB);
      this.#verdicts.set(plugins, verdicts);
    }
    return verdicts;
  }
}

const MB = 1024 * 1024;

interface Sized {
  /** About how many bytes of memory it takes. */
  readonly bytes: number;
}

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
